// The main thread's part of stall detection: beside what every thread does, it ends captures before the process exits.
import { systemClock } from '../../clock.js';
import { FLAG, type Heartbeat } from '../../observer/heartbeat.js';
import { isSampled } from '../../profiling/sampling.js';
import type { ExemplarSpan } from '../../recorder/exemplars.js';
import type { StallReport } from '../blame/stall-report.js';
import { stalledSpan } from '../tell/stall-figures.js';
import { writeCallNote } from './call-note.js';
import type { Capturing } from './checkpoint.js';
import { guardExits } from './exit-guard.js';
import { field, LOOP, STALL } from './loop-record.js';
import { startLoopSide } from './loop-side.js';
import { createTurnRequests } from './next-turn.js';
import { createRecentCalls, type SeenCall } from './recent-calls.js';
import { createRecentCollections } from './recent-collections.js';
import { createSampledSleep } from './sampled-sleep.js';
import { createSpinWatch } from './spin.js';
import type { TurnWatch } from './turn-watch.js';
import { type RequestSource, waitingRequests } from './waiting-requests.js';

/** A program that does not serve is taken as started after this time. */
const START_MS = 10_000;

export interface MainLoopSideOptions {
  readonly heartbeat: Heartbeat;
  readonly thresholdMs: number;
  readonly capture: boolean;
}

/** The main thread's part. */
export interface MainLoopSide extends Omit<TurnWatch, 'leave' | 'back'> {
  /** Takes a garbage collection: its begin on the time line of `performance`, and its length, in milliseconds. */
  readonly collected: (startMs: number, durationMs: number) => void;
  /** Takes a call that blocked for long, when it is over. */
  readonly called: (call: SeenCall) => void;
  /** Takes where requests can be looked at; undefined where they no longer can. */
  readonly watchRequests: (source: RequestSource | undefined) => void;
  /** Takes who gives the lag of a stall the span that it blocked; undefined where nobody does any more. */
  readonly watchLag: (stalled: ((endUnixMs: number, span: ExemplarSpan) => void) | undefined) => void;
  /** Takes the report of a stall, of any thread. */
  readonly reported: (report: StallReport) => void;
  /** Not 0 while the observer waits for a capture; undefined where it never captures. */
  readonly capturing: Capturing | undefined;
}

/** Starts the main thread's part. */
export function startMainLoopSide({ heartbeat, thresholdMs, capture }: MainLoopSideOptions): MainLoopSide {
  const { flags, record } = heartbeat;
  const collections = createRecentCollections();
  const calls = createRecentCalls();
  const spin = createSpinWatch(record, capture ? createTurnRequests(heartbeat.turnNote) : undefined);
  record[LOOP.started] = systemClock.monotonicMs() + START_MS;
  let source: RequestSource | undefined;
  let stalledLag: Parameters<MainLoopSide['watchLag']>[0];
  const side = startLoopSide({
    record,
    thresholdMs,
    capture,
    currentRoute: (asyncId) => source?.currentRoute(asyncId),
    sampledSleep: createSampledSleep({ isSampled: () => isSampled(heartbeat) }),
    complete(entry, fromMs, toMs, backlogEndMs) {
      entry[STALL.gc] = collections.within(fromMs, toMs);
      const call = calls.mostOf(fromMs, toMs);
      if (call !== undefined) writeCallNote(heartbeat.callNote, fromMs, call);
      if (source !== undefined) {
        const { requests, waitedMs, heldByNew, longestMs } = waitingRequests({ fromMs, toMs, backlogEndMs }, source);
        entry[STALL.waiting] = requests;
        entry[STALL.waited] = waitedMs;
        entry[STALL.heldByNew] = heldByNew ? 1 : 0;
        entry[STALL.longest] = longestMs;
      }
    },
  });

  const exitGuard = capture ? guardExits(flags) : undefined;
  return {
    turn(nowMs, nextDueMs, isSleeping) {
      exitGuard?.turned();
      side.turn(nowMs, nextDueMs, isSleeping);
      // A stall that this turn ended was before it, so that it counts as a part of the start.
      if (nowMs < field(record, LOOP.started) && isServing()) record[LOOP.started] = nowMs;
      spin.sample(nowMs);
    },
    heldMs: side.heldMs,
    collected: collections.add,
    called: calls.add,
    watchRequests(next) {
      source = next;
    },
    watchLag(next) {
      stalledLag = next;
    },
    reported(report) {
      const span = report.thread === 'main' ? stalledSpan(report) : undefined;
      if (span !== undefined) stalledLag?.(report.startUnixMs + report.durationMs, span);
    },
    capturing: capture ? flags.subarray(FLAG.capturing) : undefined,
    stop() {
      exitGuard?.stop();
      spin.stop();
      side.stop();
    },
  };
}

// A server on a Unix socket cannot be told from standard output that goes through a pipe.
function isServing(): boolean {
  return process.getActiveResourcesInfo().includes('TCPServerWrap');
}
