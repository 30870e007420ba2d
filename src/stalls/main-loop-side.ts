// The main thread's part of stall detection: beside what every thread does, it ends captures before the process exits.
import { FLAG, type Heartbeat } from '../observer/heartbeat.js';
import type { Capturing } from './checkpoint.js';
import { LOOP, STALL } from './loop-record.js';
import { startLoopSide } from './loop-side.js';
import { createSpinWatch } from './spin.js';
import type { TurnWatch } from './turn-watch.js';
import { createRecentCollections } from './recent-collections.js';

/** A session that is open when the process exits would hold it up; one is answered within a millisecond. */
const EXIT_WAIT_MS = 50;

export interface MainLoopSideOptions {
  readonly heartbeat: Heartbeat;
  readonly thresholdMs: number;
  readonly capture: boolean;
}

/** The main thread's part. */
export interface MainLoopSide extends TurnWatch {
  /** Takes a garbage collection: its begin on the time line of `performance`, and its length, in milliseconds. */
  readonly collected: (startMs: number, durationMs: number) => void;
  /** Not 0 while the observer waits for a capture; undefined where it never captures. */
  readonly capturing: Capturing | undefined;
}

/** Starts the main thread's part. */
export function startMainLoopSide({ heartbeat, thresholdMs, capture }: MainLoopSideOptions): MainLoopSide {
  const { flags, record } = heartbeat;
  const collections = createRecentCollections();
  const spin = createSpinWatch(record);
  const side = startLoopSide({
    record,
    thresholdMs,
    capture,
    complete(entry, fromMs, toMs) {
      entry[STALL.gc] = collections.within(fromMs, toMs);
      if (record[LOOP.serving] === 0 && isServing()) record[LOOP.serving] = 1;
    },
  });

  function endCaptures(): void {
    Atomics.store(flags, FLAG.exiting, 1);
    const endMs = performance.now() + EXIT_WAIT_MS;
    for (;;) {
      const capturing = Atomics.load(flags, FLAG.capturing);
      const leftMs = endMs - performance.now();
      if (capturing === 0 || leftMs <= 0) return;
      Atomics.wait(flags, FLAG.capturing, capturing, leftMs);
    }
  }

  if (capture) process.on('exit', endCaptures);
  return {
    turn(nowMs, nextDueMs) {
      side.turn(nowMs, nextDueMs);
      spin.sample(nowMs);
    },
    collected: collections.add,
    capturing: capture ? flags.subarray(FLAG.capturing) : undefined,
    stop() {
      process.off('exit', endCaptures);
      side.stop();
    },
  };
}

function isServing(): boolean {
  return process.getActiveResourcesInfo().some((name) => name === 'TCPServerWrap' || name === 'PipeWrap');
}
