// How well the counted stalls of a program meet its own word of them.
import type { CountedStalls, ProgramRun } from './run-program.js';

/** Figures that can be added up over programs. */
export interface Score {
  /** Stalls of the program over twice the threshold. */
  readonly long: number;
  /** Those of them that were counted on the right thread, whatever was blamed. */
  readonly found: number;
  /** Stalls counted on any thread; without those of a machine that gave the program too little of its processors. */
  readonly counted: number;
  /** Those with the right function and cause. */
  readonly right: number;
}

const COMPUTING: readonly string[] = ['javascript', 'native', 'spin', 'gc'];

/** Judges one run. */
export function scoreOf({ expected, truth, counted }: ProgramRun, thresholdMs: number): Score {
  const long = truth.filter(({ ms }) => ms > 2 * thresholdMs).length;
  const ofThread = counted.filter(({ thread }) => thread === expected.thread);
  const causes: readonly string[] = typeof expected.cause === 'string' ? [expected.cause] : expected.cause;
  let right = 0;
  for (const name of new Set(truth.map((stall) => stall.function))) {
    const times = truth.filter((stall) => stall.function === name).length;
    right += Math.min(times, sum(ofThread.filter((stall) => causes.includes(stall.cause) && names(stall, name))));
  }
  // A program that computed for less than a stall in all that time would not have stalled on a machine of its own. Its own
  // CPU time says so; and beyond the stalls that it made, it makes no others.
  const starved = causes.every((cause) => COMPUTING.includes(cause))
    ? truth.filter(({ cpuMs }) => cpuMs < thresholdMs).length
    : 0;
  const descheduled = sum(counted.filter(({ cause }) => cause === 'descheduled'));
  const others = Math.max(0, sum(counted) - truth.length);
  return {
    long,
    found: Math.min(long, sum(ofThread)),
    counted: sum(counted) - Math.min(descheduled, starved + others),
    right,
  };
}

/** Adds scores up. */
export function totalOf(scores: readonly Score[]): Score {
  const total = { long: 0, found: 0, counted: 0, right: 0 };
  for (const { long, found, counted, right } of scores) {
    total.long += long;
    total.found += found;
    total.counted += counted;
    total.right += right;
  }
  return total;
}

// A qualified name ends with the function's: `Report.render` names `render`.
const names = ({ function: name }: CountedStalls, functionName: string): boolean =>
  functionName === '*' || name === functionName || name.endsWith(`.${functionName}`);

const sum = (stalls: readonly CountedStalls[]): number => stalls.reduce((all, { stalls: some }) => all + some, 0);
