// What watches the loops of a process: the memory that the observer reads, the main loop's own part, and how monitors feed it.
import type { Monitor } from './instrumentation.js';
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
  /** Whether stacks may be captured. */
  readonly capture: boolean;
  /** What the monitors are to be created with. */
  readonly settings: MonitorSettings;
  /** Takes the report of a stall, of any thread. */
  readonly reported: (report: StallReport) => void;
}

/** Starts the main thread's part. */
export function startWatch(options: ResolvedOptions): Watch {
  const { blame, stallThresholdMs, lagProbeIntervalMs, instrumentations } = options;
  const heartbeat = openHeartbeat();
  const capture = blame && captureObstacle() === undefined;
  // Lag is an event loop's, so either switch turns that of workers off.
  const { 'event-loop': eventLoop, 'worker-threads': workerThreads, 'blocking-calls': wrapCalls } = instrumentations;
  const collections = instrumentations['garbage-collection'];
  const board = eventLoop && workerThreads ? createBoard({ ...options, capture, wrapCalls, collections }) : undefined;
  const side = startMainLoopSide({ heartbeat, thresholdMs: stallThresholdMs, capture });
  return {
    heartbeat,
    board,
    capture,
    settings: {
      lagProbeIntervalMs,
      turnEveryMs: turnEveryMs(stallThresholdMs),
      sleepingTurnEveryMs: sleepingTurnEveryMs(stallThresholdMs),
      onTurn: side.turn,
      onLag: side.watchLag,
      onCollected: side.collected,
      onRequests: side.watchRequests,
      onLongCall: blame ? side.called : undefined,
      capturing: side.capturing,
      board,
      locks: {
        holdThresholdMs: options.lockHoldThresholdMs,
        order: options.lockOrder,
        log: logFormat(options.log),
      },
    },
    reported: side.reported,
    stop: () => side.stop(),
  };
}
