// What is wrong with a process or a group of them, from one or two scrapes.
import { blockingCallers, blockingLogs } from './blocking-rules.js';
import { failingFunctions, failingRequests } from './call-rules.js';
import type { Figures, Scrapes } from './figures.js';
import { blockedLoops, busyLoops, laggingLoops } from './loop-rules.js';
import { silentProcess } from './member-rules.js';
import { createMembers, type Member } from './members.js';
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
import { heldLocks, stuckPools, stuckThreadPool } from './stuck-rules.js';
import { busyThreadPool, contendedLocks, exhaustedPools, fullDoors, likelyDeadlocks } from './waiting-rules.js';
import { printable } from './wording.js';
import { starvedThreads } from './worker-rules.js';

// Of equal severity, the earlier rule is the worse: what stops everything comes before what stops some of it.
const RULES: readonly ((figures: Figures) => Problem[])[] = [
  blockedLoops,
  fullHeaps,
  stallingCode,
  blockingCallers,
  blockingLogs,
  laggingLoops,
  spinningLoops,
  staleQueues,
  growingQueues,
  saturatedQueues,
  heldLocks,
  stuckPools,
  stuckThreadPool,
  likelyDeadlocks,
  contendedLocks,
  exhaustedPools,
  busyThreadPool,
  fullDoors,
  deepQueues,
  failingRequests,
  busyLoops,
  throttledProcess,
  starvedThreads,
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
  return problemsIn(createMembers(scrapes));
}

/** As `findProblems`, for figures that are at hand. */
export function problemsIn(members: readonly Member[]): Problem[] {
  const judged = members.map((member) => ({ member, silence: silentProcess(member) }));
  const silent = judged.flatMap(({ silence }) => silence ?? []);
  // What is shown of a silent one was true of another time.
  const heard = judged.filter(({ silence }) => silence === undefined).map(({ member }) => member);
  const found = RULES.flatMap((rule) =>
    heard
      .flatMap(({ process, figures }) => rule(figures).map((problem) => within(process, problem)))
      .sort((a, b) => b.value / (b.bound || 1) - a.value / (a.bound || 1)),
  );
  return byRank([...silent, ...found]);
}

// The subject stays what it is: one sentence of a summary for each thing that is wrong, rather than for each process.
function within(process: string | undefined, problem: Problem): Problem {
  if (process === undefined) return problem;
  const { sentence, labels } = problem;
  return { ...problem, sentence: `Process ${printable(process)}: ${sentence}`, labels: { ...labels, process } };
}
