// Writes the stacks of all threads when a loop has not turned for too long, and again after each further period.
import type { Clock } from '../clock.js';
import { formatMs } from '../stalls/tell/stall-sentence.js';
import { createStages, isExpected, type OngoingStall } from '../stalls/watch/ongoing.js';
import type { Dumper } from './collect.js';
import { renderDump } from './render.js';

/** Periods are looked at a few times each, so two dumps can be a little less than one apart. */
const MOST = 0.8;

export interface DumpOnStallOptions {
  readonly clock: Clock;
  /** The period, in milliseconds; 0 is never. May change at any time. */
  readonly afterMs: () => number;
  readonly dump: Dumper;
  readonly write: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

/** Creates the watch; it must be told of the stalls that last. */
export function createDumpOnStall(options: DumpOnStallOptions): (stalls: readonly OngoingStall[]) => void {
  const { clock, afterMs, dump, write, onError } = options;
  const due = createStages(({ blockedMs }) => (afterMs() > 0 ? Math.floor(blockedMs / afterMs()) : 0));
  let lastMs = Number.NEGATIVE_INFINITY;
  return (stalls) => {
    if (afterMs() <= 0) return;
    const stall = due(stalls).find((candidate) => isWorthIt(candidate, afterMs()));
    // A dump shows every thread: one in this period has shown this stall as well.
    if (stall === undefined || clock.monotonicMs() - lastMs < afterMs() * MOST) return;
    lastMs = clock.monotonicMs();
    const { thread, blockedMs } = stall;
    dump(`the loop of ${thread} has not turned for ${formatMs(blockedMs)}`)
      .then((taken) => write(renderDump(taken)))
      .catch(onError);
  };
}

// A worker that waits for its next task does so for ever: once is enough.
function isWorthIt(stall: OngoingStall, afterMs: number): boolean {
  const report = stall.report();
  if (report.cause === 'debugger') return false;
  return !isExpected(report) || stall.blockedMs < 2 * afterMs;
}
