// Which monitors there are, by the names of their switches.
import { createBlockingCallsMonitor } from '../instrumentations/blocking-calls/index.js';
import type { FailOnBlockingCallsOptions } from '../instrumentations/blocking-calls/throwing/fail-on-blocking-calls.js';
import { connectionsMonitor } from '../instrumentations/connections/index.js';
import { createEventLoopMonitor } from '../instrumentations/event-loop/index.js';
import type { StalledLag } from '../instrumentations/event-loop/lag.js';
import { createGarbageCollectionMonitor } from '../instrumentations/garbage-collection/index.js';
import { createHttpMonitor } from '../instrumentations/http/index.js';
import { createLocksMonitor, type LocksOptions } from '../instrumentations/locks/index.js';
import { processMonitor } from '../instrumentations/process/index.js';
import { processesMonitor } from '../instrumentations/processes/index.js';
import { queuesMonitor } from '../instrumentations/queues/index.js';
import { createThreadPoolMonitor } from '../instrumentations/thread-pool/index.js';
import type { PoolUse } from '../instrumentations/thread-pool/pool-use.js';
import { createTracedMonitor } from '../instrumentations/traced/index.js';
import { createWorkerThreadsMonitor } from '../instrumentations/worker-threads/index.js';
import type { MonitorDefinition } from './instrumentation.js';
import type { FunctionTimeMode, InstrumentationName } from './options.js';
import type { RouteNews } from './route-windows.js';
import type { Capturing } from './stalls/loop/checkpoint.js';
import type { SeenCall } from './stalls/loop/recent-calls.js';
import type { RequestSource } from './stalls/loop/waiting-requests.js';
import type { Board } from './worker-board/memory.js';

export interface MonitorSettings {
  readonly lagProbeIntervalMs: number;
  /** The loop's timer turns at least this often, in milliseconds. */
  readonly turnEveryMs?: number;
  /** The same while the loop sleeps. */
  readonly sleepingTurnEveryMs?: number;
  /** Told of each turn: the time, that by which the loop will turn again (milliseconds, monotonic), whether it sleeps. */
  readonly onTurn?: (nowMs: number, nextDueMs: number, isSleeping: boolean) => void;
  /** Told who gives the lag of a stall the span that it blocked, and undefined when nobody does any more. */
  readonly onLag?: (stalled: StalledLag | undefined) => void;
  /** Told of each garbage collection, in milliseconds on the time line of `performance`. */
  readonly onCollected?: (startMs: number, durationMs: number) => void;
  /** Told where HTTP requests can be looked at, and undefined when they no longer can. */
  readonly onRequests?: (source: RequestSource | undefined) => void;
  /** Told what ran for which route of HTTP, in windows; without it nothing is noted, nor after it has returned false. */
  readonly onRoutes?: ((news: RouteNews) => boolean) | undefined;
  /** Not 0 while the observer waits for a capture; without it nothing is wrapped for that. */
  readonly capturing?: Capturing | undefined;
  /** Told of each call that blocked the main thread for long, when it is over. */
  readonly onLongCall?: ((call: SeenCall) => void) | undefined;
  /** What may block where blocking calls throw; they do not without it. */
  readonly throwing?: FailOnBlockingCallsOptions | undefined;
  /** Where worker threads write their lag; they write none without it. */
  readonly board?: Board | undefined;
  readonly locks?: LocksOptions;
  /** Where it is noted what has been given to the thread pool, for the probes of the observer. */
  readonly poolUse?: PoolUse | undefined;
  /** How it is found out where the time of traced functions goes. @default 'on' */
  readonly functionTime?: FunctionTimeMode;
}

/** Every monitor, not started. */
export function monitorsOf(settings: MonitorSettings): Readonly<Record<InstrumentationName, MonitorDefinition>> {
  return {
    'event-loop': createEventLoopMonitor(settings),
    'garbage-collection': createGarbageCollectionMonitor(settings),
    process: processMonitor,
    http: createHttpMonitor(settings),
    traced: createTracedMonitor(settings),
    queues: queuesMonitor,
    'blocking-calls': createBlockingCallsMonitor(settings),
    connections: connectionsMonitor,
    'worker-threads': createWorkerThreadsMonitor({ board: settings.board }),
    'thread-pool': createThreadPoolMonitor(settings),
    processes: processesMonitor,
    locks: createLocksMonitor(settings.locks),
  };
}
