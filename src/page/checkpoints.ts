// Totals of traced functions, noted every ten seconds: the difference of two notes is what happened between them.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { ParsedMetrics } from '../prometheus/parse.js';
import { createFigures, labelOf } from '../status/figures.js';
import { HISTORY_SECONDS } from './state.js';

/** How often totals are noted. */
export const CHECKPOINT_SECONDS = 10;
/** Of so many functions, those with the most time. */
const MAX_FUNCTIONS = 50;

/** What is read for a note. */
export const CHECKPOINT_METRICS: ReadonlySet<string> = new Set(
  [METRICS.functionDuration, METRICS.functionTime].map(({ name }) => name),
);

/** Totals since the start of the process. */
export interface FunctionTotals {
  readonly calls: number;
  readonly seconds: number;
  readonly ownSeconds: number;
}

interface Checkpoint {
  readonly unixS: number;
  readonly functions: ReadonlyMap<string, FunctionTotals>;
}

/** The notes of the history. */
export interface Checkpoints {
  isDue(unixS: number): boolean;
  add(unixS: number, metrics: ParsedMetrics): void;
  /** What was done in a range, and in how many seconds; undefined where no two notes lie in it. */
  within(fromS: number, toS: number): { seconds: number; functions: Map<string, FunctionTotals> } | undefined;
}

/** Creates an empty list of notes. */
export function createCheckpoints(): Checkpoints {
  let kept: Checkpoint[] = [];
  return {
    // The clock may have been set back.
    isDue: (unixS) => Math.abs(unixS - (kept.at(-1)?.unixS ?? Number.NEGATIVE_INFINITY)) >= CHECKPOINT_SECONDS,
    add(unixS, metrics) {
      const isOld = (one: Checkpoint) => one.unixS <= unixS - HISTORY_SECONDS - CHECKPOINT_SECONDS;
      kept = [...kept.filter((one) => one.unixS < unixS && !isOld(one)), { unixS, functions: totalsOf(metrics) }];
    },
    within(fromS, toS) {
      const inside = kept.filter(({ unixS }) => unixS >= fromS - 1 && unixS <= toS + 1);
      const [first] = inside;
      const last = inside.at(-1);
      if (first === undefined || last === undefined || first === last) return undefined;
      const functions = new Map<string, FunctionTotals>();
      for (const [name, totals] of last.functions) {
        const before = first.functions.get(name);
        // It was there already, among those that were not noted: all of its time would seem to be of this range.
        if (before === undefined && first.functions.size === MAX_FUNCTIONS) continue;
        functions.set(name, {
          calls: totals.calls - (before?.calls ?? 0),
          seconds: totals.seconds - (before?.seconds ?? 0),
          ownSeconds: totals.ownSeconds - (before?.ownSeconds ?? 0),
        });
      }
      return { seconds: last.unixS - first.unixS, functions };
    },
  };
}

function totalsOf(now: ParsedMetrics): ReadonlyMap<string, FunctionTotals> {
  const figures = createFigures({ now });
  const { codeFunctionName, functionTimeState } = ATTRIBUTES;
  const own = new Map(
    figures
      .counters(METRICS.functionTime, [codeFunctionName, functionTimeState], 'lifetime')
      .filter((one) => labelOf(one, functionTimeState) === 'own')
      .map((one) => [labelOf(one, codeFunctionName), one.value]),
  );
  const all = figures.histograms(METRICS.functionDuration, [codeFunctionName], 1).map((one) => {
    const name = labelOf(one, codeFunctionName);
    return [name, { calls: one.count, seconds: one.sum, ownSeconds: own.get(name) ?? 0 }] as const;
  });
  return new Map(all.sort(([, a], [, b]) => b.seconds - a.seconds).slice(0, MAX_FUNCTIONS));
}
