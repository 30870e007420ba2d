// What a stall of one second pays for being looked at, and what promises pay for peers that hook them.
import { setTimeout as wait } from 'node:timers/promises';
import { isQuick, type Program } from '../support/program.js';
import { type Estimate, estimateRatio, median, quantile, shuffled } from '../support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from '../support/table.js';
import { type Side, type Sides, type Sink, startSide } from './sides.js';

const STALL_MS = 1000;
const GOAL = 0.01;
const STARTS = isQuick ? 1 : 3;
const ROUNDS = isQuick ? 4 : 5;
const PROMISES_MS = 200;
/** Pieces of the work between which the loop turns: far below any threshold. */
const PIECES = 50;
/** An event that was sent is there by then. */
const ARRIVED_MS = 50;

interface Work {
  /** CPU time of the main thread. */
  readonly cpuMs: number;
  readonly captures: number;
  readonly captureMs: number;
  /** What arrived at the sink. */
  readonly events: number;
}

interface Round {
  readonly blocking: Work;
  readonly turning: Work;
  readonly promiseNs: number;
}

/** Measures and prints it. */
export async function measurePause({ bare, bareAgain, ours, withoutBlame, peers }: Sides, sink: Sink): Promise<void> {
  const sides = [bare, bareAgain, ours, withoutBlame, ...peers];
  printHeading(
    `A stall of ${STALL_MS / 1000} s: the same work in one piece and in pieces of ${STALL_MS / PIECES} ms, ${STARTS * ROUNDS} times`,
  );
  const rounds = new Map<Side, Round[]>(sides.map((side) => [side, []]));
  for (let i = 0; i < STARTS; i++) await runStart(rounds, bare, sink);

  const of = (side: Side) => rounds.get(side) ?? [];
  // The work in pieces takes out what differs between processes, the bare process what a stall itself changes.
  const slowdown = (side: Side) =>
    estimateRatio(
      of(side).map(({ blocking, turning }, i) => {
        const reference = of(bare)[i];
        return blocking.cpuMs / turning.cpuMs / ((reference?.blocking.cpuMs ?? 0) / (reference?.turning.cpuMs ?? 0));
      }),
    );
  const promises = (side: Side) =>
    estimateRatio(of(side).map(({ promiseNs }, i) => promiseNs / (of(bare)[i]?.promiseNs ?? Number.NaN)));
  const captureMs = (side: Side) => of(side).map(({ blocking }) => blocking.captureMs);
  printTable(
    ['', 'captures', 'their time, ms', 'worst', 'CPU of the stall to bare [95 %]', 'ns per await', 'to bare [95 %]'],
    sides.map((side) => [
      side.name,
      describeCaptures(side, of(side)),
      side.preload === 'loopsight' ? fixed(median(captureMs(side)), 2) : '',
      side.preload === 'loopsight' ? fixed(quantile(captureMs(side), 1), 2) : '',
      side === bare ? '' : describe(slowdown(side), 4),
      fixed(median(of(side).map(({ promiseNs }) => promiseNs)), 0),
      side === bare ? '' : describe(promises(side), 2),
    ]),
  );
  const share = median(captureMs(ours)) / STALL_MS;
  printGoal(`captures take at most ${GOAL * 100} % of the stall`, `${fixed(share * 100, 2)} %`, share <= GOAL);
}

// Sentry's integration takes its captures in native code: what can be counted is what it sends.
function describeCaptures({ preload }: Side, rounds: readonly Round[]): string {
  if (preload === 'loopsight') return fixed(median(rounds.map(({ blocking }) => blocking.captures)), 0);
  if (preload === 'sentry') return fixed(median(rounds.map(({ blocking }) => blocking.events)), 0);
  return '';
}

async function runStart(rounds: ReadonlyMap<Side, Round[]>, bare: Side, sink: Sink): Promise<void> {
  const programs = new Map<Side, Program>();
  for (const side of rounds.keys()) programs.set(side, await startSide(side, 'stall'));
  const units = (await programs.get(bare)?.ask<number>('calibrate', STALL_MS)) ?? 0;
  const work = async (program: Program, pieces: number) => {
    const before = sink.received();
    const result = await program.ask<Omit<Work, 'events'>>('work', { units, pieces });
    await wait(ARRIVED_MS);
    return { ...result, events: sink.received() - before };
  };
  for (const program of programs.values()) await work(program, PIECES);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [side, program] of shuffled([...programs])) {
      const isBlockingFirst = Math.random() < 0.5;
      const first = await work(program, isBlockingFirst ? 1 : PIECES);
      const second = await work(program, isBlockingFirst ? PIECES : 1);
      const promiseNs = await program.ask<number>('promises', PROMISES_MS);
      const [blocking, turning] = isBlockingFirst ? [first, second] : [second, first];
      rounds.get(side)?.push({ blocking, turning, promiseNs });
    }
  }
  for (const program of programs.values()) await program.stop();
}

function describe({ value, low, high }: Estimate, digits: number): string {
  return `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
}
