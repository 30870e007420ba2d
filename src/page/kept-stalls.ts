// The stalls of the last quarter of an hour, and who caused them.

import { ANONYMOUS, MINIFIED } from '../stalls/blame/code-names.js';
import type { StallReport } from '../stalls/blame/stall-report.js';
import { describePlace } from '../stalls/tell/stall-sentence.js';
import { HISTORY_SECONDS, type PageBlocker, type PageStall } from './state.js';

/** So many are kept of the main thread, and as many of workers, … */
const KEPT = 500;
/** … so many are shown, half of them of each, … */
export const SHOWN_STALLS = 200;
/** … and so many of the main thread's newest with their stacks. */
const WITH_STACKS = 10;
const STACK_FRAMES = 10;
export const SHOWN_BLOCKERS = 20;

/** The memory of stalls. */
export interface KeptStalls {
  add(report: StallReport): void;
  /** The newest first, behind those that last. */
  list(ongoing: readonly StallReport[], nowUnixMs: number): PageStall[];
  /**
   * Those of a range by their code, with the time that lay in the range: the main thread's first, where code is blamed before
   * all, then the most time.
   */
  blockers(fromUnixMs: number, toUnixMs: number, ongoing?: readonly StallReport[]): PageBlocker[];
  /** How many were thrown away that are younger than the history. */
  lost(nowUnixMs: number): number;
}

/** Creates an empty memory. */
export function createKeptStalls(): KeptStalls {
  // Worker threads are there to compute: their stalls may be many, and must not be in the way of those that matter.
  let main: PageStall[] = [];
  let workers: PageStall[] = [];
  let lostUnixMs: number[] = [];
  const isYoung = (unixMs: number, nowUnixMs: number) => unixMs > nowUnixMs - HISTORY_SECONDS * 1000;

  function kept(stalls: readonly PageStall[]): PageStall[] {
    const tooMany = stalls.slice(0, Math.max(0, stalls.length - KEPT)).map(({ startUnixMs }) => startUnixMs);
    lostUnixMs = [...lostUnixMs, ...tooMany].slice(-KEPT);
    return stalls.slice(-KEPT);
  }

  return {
    add(report) {
      if (report.thread === 'main') main = kept([...main, shown(report)]);
      else workers = kept([...workers, { ...shown(report), stack: [] }]);
      const old = main.at(-1 - WITH_STACKS);
      if (old !== undefined) main[main.length - 1 - WITH_STACKS] = { ...old, stack: [] };
    },
    list(ongoing, nowUnixMs) {
      const young = [main, workers].flatMap((stalls) =>
        stalls
          .filter(({ startUnixMs, durationMs }) => isYoung(startUnixMs + durationMs, nowUnixMs))
          .slice(-SHOWN_STALLS / 2),
      );
      young.sort((a, b) => b.startUnixMs - a.startUnixMs);
      return [...ongoing.map(shown), ...young];
    },
    blockers(fromUnixMs, toUnixMs, ongoing = []) {
      const found = new Map<string, PageBlocker>();
      for (const stall of [...main, ...workers, ...ongoing.map(shown)]) {
        const { startUnixMs, durationMs, thread, cause, file, line } = stall;
        const withinMs = Math.min(startUnixMs + durationMs, toUnixMs) - Math.max(startUnixMs, fromUnixMs);
        if (withinMs <= 0) continue;
        const key = JSON.stringify([thread, cause, stall.function, file, isNameless(stall) ? line : 0]);
        const before = found.get(key);
        found.set(key, {
          thread,
          cause,
          function: stall.function,
          file,
          line,
          stalls: (before?.stalls ?? 0) + 1,
          totalMs: (before?.totalMs ?? 0) + withinMs,
          longestMs: Math.max(before?.longestMs ?? 0, durationMs),
          lastUnixMs: Math.max(before?.lastUnixMs ?? 0, startUnixMs),
        });
      }
      return [...found.values()].sort((a, b) => rankOf(a) - rankOf(b) || b.totalMs - a.totalMs);
    },
    lost(nowUnixMs) {
      lostUnixMs = lostUnixMs.filter((unixMs) => isYoung(unixMs, nowUnixMs));
      return lostUnixMs.length;
    },
  };
}

// Functions without a name are not one function; the lines that they were at tell them apart best.
function isNameless({ function: name }: PageStall): boolean {
  return name === ANONYMOUS || name === MINIFIED;
}

function rankOf({ thread, function: name }: PageBlocker): number {
  if (thread !== 'main') return 2;
  return name === '' ? 1 : 0;
}

function shown(report: StallReport): PageStall {
  const { thread, startUnixMs, durationMs, cause, ongoing, culprit, route, waiting, stack } = report;
  return {
    thread,
    startUnixMs: Math.round(startUnixMs),
    durationMs: Math.round(durationMs * 10) / 10,
    cause,
    ongoing: ongoing === true,
    function: culprit?.function ?? '',
    file: culprit?.file ?? '',
    line: culprit?.line ?? 0,
    route: route ?? '',
    waitingRequests: waiting?.requests ?? 0,
    stack: stack.slice(0, STACK_FRAMES).map(describePlace),
  };
}
