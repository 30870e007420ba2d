// What is wrong with a process, from one or two scrapes of it.
import { failingFunctions, failingRequests } from './call-rules.js';
import { createFigures, type Figures, type Scrapes } from './figures.js';
import { blockedLoops, busyLoops, laggingLoops } from './loop-rules.js';
import { byRank, type Problem } from './problem.js';
import {
  collectingThreads,
  endedWorkers,
  fullHeaps,
  oldSnapshot,
  suppressedErrors,
  throttledProcess,
} from './process-rules.js';
import { deepQueues, growingQueues, saturatedQueues, staleQueues } from './queue-rules.js';
import { spinningLoops, stallingCode } from './stall-rules.js';

// Of equal severity, the earlier rule is the worse: what stops everything comes before what stops some of it.
const RULES: readonly ((figures: Figures) => Problem[])[] = [
  blockedLoops,
  fullHeaps,
  stallingCode,
  laggingLoops,
  spinningLoops,
  staleQueues,
  growingQueues,
  saturatedQueues,
  deepQueues,
  failingRequests,
  busyLoops,
  throttledProcess,
  collectingThreads,
  failingFunctions,
  oldSnapshot,
  endedWorkers,
  suppressedErrors,
];

/**
 * Everything that is wrong, the worst first; empty when nothing is. With two scrapes, counters and histograms are judged
 * by what happened between them where that is enough, else since start.
 *
 * @example
 * findProblems({ now: parseText(text) }).map((problem) => problem.sentence);
 */
export function findProblems(scrapes: Scrapes): Problem[] {
  return problemsIn(createFigures(scrapes));
}

/** As `findProblems`, for figures that are at hand. */
export function problemsIn(figures: Figures): Problem[] {
  return byRank(
    RULES.flatMap((rule) => rule(figures).sort((a, b) => b.value / (b.bound || 1) - a.value / (a.bound || 1))),
  );
}
