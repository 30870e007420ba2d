// Takes a dump: asks every thread for its stack, and the system what it lets them do meanwhile.
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import { field, LOOP, overdueMs } from '../stalls/loop/loop-record.js';
import type { Capturer } from '../stalls/watch/capturer.js';
import type { WatchedThread } from '../stalls/watch/ongoing.js';
import { watchScheduler } from '../stalls/watch/scheduler.js';
import { askThreads } from './ask-threads.js';
import type { Dump } from './dump.js';
import { describeThreads, type PlaceOptions, type ThreadEvidence } from './thread-state.js';

/** The system is watched for this long, to see who computes. */
const WATCH_MS = 100;

export interface CollectOptions extends PlaceOptions {
  readonly clock: Clock;
  readonly pid: number;
  /** Every thread, the main one first. */
  readonly threads: () => readonly WatchedThread[];
  /** Whether there can be no other thread of the application. */
  readonly areAll: () => boolean;
  /** Takes captures; undefined where none may be taken. */
  readonly capture: Capturer | undefined;
}

/** Takes dumps; those that are wanted while one is under way get that one. */
export type Dumper = (reason?: string) => Promise<Dump>;

/** Creates the one that takes dumps. */
export function createDumper(options: CollectOptions): Dumper {
  let underWay: Promise<Dump> | undefined;
  return (reason) => {
    underWay ??= collect(options, reason).finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

async function collect(options: CollectOptions, reason: string | undefined): Promise<Dump> {
  const { clock, pid, areAll, capture } = options;
  const unixMs = clock.unixMs();
  const startMs = clock.monotonicMs();
  const threads = options.threads().map((thread) => {
    const scheduler = watchScheduler(field(thread.record, LOOP.systemThread));
    scheduler.sample(startMs, false);
    const blockedMs = blockedFor(thread.record, startMs);
    return { ...thread, scheduler, blockedMs, isHeld: blockedMs > 0 };
  });
  const seen = await askThreads(threads, capture, clock);
  await delay(Math.max(0, startMs + WATCH_MS - clock.monotonicMs()));
  const evidence = threads.map(
    ({ thread, target, blockedMs, scheduler }, index): ThreadEvidence => ({
      thread,
      threadId: target === 'main' ? 0 : target,
      blockedMs,
      seen: seen[index] ?? 'answer',
      scheduler: scheduler.sample(clock.monotonicMs(), true),
    }),
  );
  const described = describeThreads(evidence, areAll(), options);
  return { pid, unixMs, ...(reason === undefined ? {} : { reason }), threads: described };
}

// From the last turn on, as stalls are counted. NaN before the first one, and in a worker without our part.
function blockedFor(record: Float64Array, nowMs: number): number {
  const overdue = overdueMs(record, nowMs);
  return overdue > 0 ? nowMs - field(record, LOOP.lastTurn) : overdue;
}
