// The same culprit is told of once in a while; the stalls between are counted, so that the next word can say how many.
import type { StallReport } from '../blame/stall-report.js';

/** Culprits that are remembered; beyond it the oldest is forgotten. */
const CULPRIT_LIMIT = 1000;

/** Takes a stall: how many of its culprit were left out since it was told of last, or undefined where this one is. */
export type CulpritPause = (report: StallReport, nowMs: number) => number | undefined;

/** Creates what lets one stall of each culprit pass in `everyMs` milliseconds. */
export function createCulpritPause(everyMs: number): CulpritPause {
  const told = new Map<string, { readonly atMs: number; leftOut: number }>();
  return ({ thread, cause, culprit }, nowMs) => {
    // Where no code is to blame, the cause is the culprit.
    const key = `${thread}\n${culprit === undefined ? cause : `${culprit.function}\n${culprit.file}`}`;
    const before = told.get(key);
    if (before !== undefined && nowMs - before.atMs < everyMs) {
      before.leftOut++;
      return undefined;
    }
    told.delete(key);
    told.set(key, { atMs: nowMs, leftOut: 0 });
    const [oldest] = told.keys();
    if (told.size > CULPRIT_LIMIT && oldest !== undefined) told.delete(oldest);
    return before?.leftOut ?? 0;
  };
}
