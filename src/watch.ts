// What watches the loops of a process: the memory that the observer reads, the main loop's own part, and how monitors feed it.
import { loopIdleMs } from '../instrumentations/traced/time/loop-idle.js';
import type { Monitor } from './instrumentation.js';
import { startLiveCalls } from './live-calls/live-calls.js';
import { noteTurn } from './live-calls/live-notes.js';
import { logFormat } from './log.js';
import type { MonitorSettings } from './monitors.js';
import { type Heartbeat, openHeartbeat } from './observer/heartbeat.js';
import type { ResolvedOptions } from './options.js';
import type { StallReport } from './stalls/blame/stall-report.js';
import { captureObstacle } from './stalls/loop/can-capture.js';
import { startMainLoopSide } from './stalls/loop/main-loop-side.js';
import { sleepingTurnEveryMs, turnEveryMs } from './stalls/loop/turn-watch.js';
import { type Board, createBoard } from './worker-board/memory.js';

/** A running watch. */
export interface Watch extends Monitor {
  readonly heartbeat: Heartbeat;
  /** Where worker threads write their lag. */
  readonly board: Board | undefined;
  /** Where traced calls are written; undefined where none are to be shown. */
  readonly liveCalls: SharedArrayBuffer | undefined;
  /** Whether stacks may be captured. */
  readonly capture: boolean;
  /** What the monitors are to be created with. */
  readonly settings: MonitorSettings;
  /** Takes the report of a stall, of any thread. */
  readonly reported: (report: StallReport) => void;
}

/** Starts the main thread's part. */
export function startWatch(options: ResolvedOptions): Watch {
  const { blame, stallThresholdMs, lagProbeIntervalMs, functionTime, instrumentations } = options;
  const heartbeat = openHeartbeat();
  const capture = blame && captureObstacle() === undefined;
  // Lag is an event loop's, so either switch turns that of workers off.
  const { 'event-loop': eventLoop, 'worker-threads': workerThreads, 'blocking-calls': wrapCalls } = instrumentations;
  const collections = instrumentations['garbage-collection'];
  const board = eventLoop && workerThreads ? createBoard({ ...options, capture, wrapCalls, collections }) : undefined;
  // They are shown through the socket of the observer, which is there where loops are watched.
  const isShown = eventLoop && options.observer && options.socket;
  const calls = isShown && instrumentations.traced ? startLiveCalls() : undefined;
  const side = startMainLoopSide({ heartbeat, thresholdMs: stallThresholdMs, capture });
  return {
    heartbeat,
    board,
    liveCalls: calls?.memory.buffer,
    capture,
    settings: {
      lagProbeIntervalMs,
      functionTime,
      turnEveryMs: turnEveryMs(stallThresholdMs),
      sleepingTurnEveryMs: sleepingTurnEveryMs(stallThresholdMs),
      onTurn(nowMs, nextDueMs, isSleeping) {
        side.turn(nowMs, nextDueMs, isSleeping);
        if (calls !== undefined) noteTurn(loopIdleMs(), nowMs);
      },
      onLag: side.watchLag,
      onCollected: side.collected,
      onRequests: side.watchRequests,
      onLongCall: blame ? side.called : undefined,
      capturing: side.capturing,
      throwing: options.blockingCalls === 'throw' ? { allow: options.blockingCallsAllow } : undefined,
      board,
      locks: {
        holdThresholdMs: options.lockHoldThresholdMs,
        order: options.lockOrder,
        log: logFormat(options.log),
      },
    },
    reported: side.reported,
    stop() {
      side.stop();
      calls?.stop();
    },
  };
}
