// One state for all copies of the package in a process: the ES and CommonJS builds, and duplicates under node_modules.
import type { Access } from './access/guard.js';
import type { CallTimes } from './call-times.js';
import type { FigureSource } from './figures.js';
import type { LiveCalls } from './live-calls/live-calls.js';
import type { CommonJsModules } from './loading/commonjs-modules.js';
import type { EsModules } from './loading/es-modules.js';
import type { Turn } from './loading/turns.js';
import type { Recorder, SeriesAttributes } from './recorder/recorder.js';
import type { StallFigures } from './stalls/tell/stall-figures.js';
import type { TracedModules } from './trace-patterns/told-modules.js';

/** What every copy shares; fields are only ever added, because copies of different versions meet here. */
export interface SharedState {
  /** The handle of a running `start()`, to be compared by identity only. */
  running: object | undefined;
  readonly failures: { count: number; readonly causes: Set<string> };
  /** Where `traced` functions and queue monitors record; several when an application runs its own SDK beside `register`. */
  readonly sinks: Map<string, SinkList>;
  /** What `traced` returned, so that no copy wraps it again. */
  traced?: WeakSet<object>;
  /** What `dumpStacksAfter` asked for, and how a running Loopsight learns of a change. */
  dumps?: { readonly requests: Set<{ readonly afterMs: number }>; changed?: () => void };
  /** Every monitored queue, whichever copy monitors it. */
  readonly queues: Set<QueueSource>;
  /** Every monitored stream, and those that have ended. */
  streams?: StreamTotals;
  /** Every connection pool that was found. */
  pools?: Set<PoolSource>;
  /** What the running `start()` was given and made of it, and what later calls gave in vain; for `loopsight doctor`. */
  settings?:
    | { readonly given: object; readonly resolved: object; readonly file?: object; ignored?: object }
    | undefined;
  /** The lines for the operator, also those that are not logged: a few at each start. */
  said?: string[];
  /** The prom-client registries that our endpoint serves. */
  registries?: Set<object>;
  /** Whether the default registries of the clients that are loaded are served as well. */
  searchesRegistries?: boolean;
  /** Who counts stalls beside the observer. */
  stallFigures?: Set<StallFigures>;
  /** The watch of instrumentations in an application's own SDK, until `start()` watches. */
  guest?: { stop(): void } | undefined;
  /** Those that would watch; each is asked when nobody does any more. */
  guests?: Set<() => void>;
  /** Everything that the running `start()` measures. */
  figures?: FigureSource | undefined;
  /** Who may read them, where the running `start()` was told. */
  access?: Access | undefined;
  /** The locks that are followed (instrumentations/locks/lock-state.ts). */
  locks?: object;
  /** How long this thread's loop was held, where somebody watches it. */
  heldTime?: HeldTime | undefined;
  /** Who is told of CommonJS modules. */
  commonJsModules?: CommonJsModules | undefined;
  /** The ES modules of libraries that were evaluated while somebody watched. */
  esModules?: EsModules;
  /** The route handlers behind those that are traced (instrumentations/handlers/handler-call.ts). */
  tracedHandlers?: WeakMap<object, TracedHandler>;
  /** Told of each traced ES module by its code (src/trace-patterns/told-modules.ts). */
  tracedModules?: TracedModules;
  /** Who watches for which library, in the order in which they came: only the first one patches it. */
  libraryTurns?: Map<string, Turn[]>;
  /** The traced calls under way, in memory that the observer reads. */
  liveCalls?: LiveCalls;
  /** The queues of libraries that were found by themselves. */
  foundQueues?: WeakMap<object, RenamedQueue>;
  /** Asked before a library's blocking call: throws where blocking calls are not allowed. */
  blockingCallGuards?: Set<(call: string, wrapper: (...args: never[]) => unknown, args: readonly unknown[]) => void>;
  /** The names that the application gave to queues. */
  queueNames?: WeakMap<object, QueueNaming>;
  /** Sleep of this thread's loop that libuv did not count (src/lost-sleep.ts). */
  lostSleep?: { ms: number };
  /** Who measures calls of traced functions exactly. */
  callTimes?: CallTimes | undefined;
}

/** A handler of a web framework, and whether its calls are told of. */
export interface TracedHandler {
  readonly handler: (...args: never[]) => unknown;
  readonly isOn: () => boolean;
}

/** A queue that can be shown under the name that the application gave it, or again under its own. */
export interface RenamedQueue {
  readonly type: string;
  /** The name in `queueNames` was set, changed or taken away. */
  renamed(): void;
}

/** The name and type that the application gave to a queue. */
export interface QueueNaming {
  readonly name: string;
  readonly type: string;
}

/** The stalls of this thread's loop, for the spans that they slow down. */
export interface HeldTime {
  /**
   * Time in stalls between two moments (Unix epoch), the second of them now where none is given; all in milliseconds.
   * `nowMs` is now by the monotonic clock, where that was read already.
   */
  between(fromUnixMs: number, toUnixMs?: number, nowMs?: number): number;
  /** Whether stalls are seen by now: the first turns of a loop belong to the start. */
  isWatching?(): boolean;
}

/** The recorders of one kind of instrumentation; `epoch` changes whenever the list does. */
export interface SinkList {
  epoch: number;
  readonly recorders: Set<Recorder>;
}

/** A monitored queue as collections see it; holds the queue itself weakly. */
export interface QueueSource {
  readonly name: string;
  readonly type: string;
  /** How the queue stands; undefined once it was garbage-collected. Tells `report` of a failure, never throws. */
  read(report: (cause: string, error: unknown) => void): QueueReading | undefined;
  /** Brings the queue's own series in line with the recorders of the list `queues`. */
  refresh(): void;
}

/** How one queue stands; NaN is what it cannot tell. */
export interface QueueReading {
  readonly depth: number;
  readonly running: number;
  readonly capacity: number;
  readonly oldestAgeMs: number;
}

/** A connection pool as collections see it; holds the pool itself weakly. */
export interface PoolSource {
  /** How the pool stands; undefined while it is not known which pool it is, and once it is gone. May throw. */
  read(): PoolReading | undefined;
  /** Brings the pool's own series in line with the recorders of the list `connections`. */
  refresh(): void;
}

/** How one pool stands, in connections and requests; NaN is what it cannot tell. */
export interface PoolReading {
  readonly attributes: SeriesAttributes;
  readonly used: number;
  readonly idle: number;
  readonly pending: number;
  readonly limit: number;
  readonly idleMin: number;
  readonly idleMax: number;
  /** Whether OpenTelemetry's own instrumentation counts its connections, and whether it counts the pending requests. */
  readonly twin: { readonly connections: boolean; readonly pending: boolean };
}

/** One side of a stream. */
export type StreamSide = 'readable' | 'writable';

/** A monitored stream as collections see it; holds the stream itself weakly. */
export interface StreamSource {
  readonly name: string;
  /** The sides that it has. */
  readonly sides: readonly StreamSide[];
  /** How long the side was paused so far, in milliseconds. */
  pausedMs(side: StreamSide): number;
  /** How the side stands; undefined once the stream was garbage-collected. */
  read(side: StreamSide): StreamReading | undefined;
}

/** How one side of a stream stands, in bytes or objects; NaN is what it cannot tell. */
export interface StreamReading {
  readonly buffered: number;
  readonly highWaterMark: number;
}

/** The streams of the process. */
export interface StreamTotals {
  /** How long the ended streams of each name were paused, by side, in milliseconds. */
  readonly named: Map<string, Map<StreamSide, number>>;
  readonly living: Set<StreamSource>;
}

const KEY = Symbol.for('loopsight.v1');

/** The state of this process, created on first use. */
export function sharedState(): SharedState {
  const holder = globalThis as { [KEY]?: SharedState };
  let state = holder[KEY];
  if (state === undefined) {
    state = { running: undefined, failures: { count: 0, causes: new Set() }, sinks: new Map(), queues: new Set() };
    // Not enumerable: tests of the application that compare globals must not see it.
    Object.defineProperty(globalThis, KEY, { value: state });
  }
  return state;
}

/** The list of recorders for `kind`, created on first use. */
export function sinksOf(kind: string): SinkList {
  const { sinks } = sharedState();
  let list = sinks.get(kind);
  if (list === undefined) {
    list = { epoch: 0, recorders: new Set() };
    sinks.set(kind, list);
  }
  return list;
}

/** Adds `recorder` to the list of `kind`; returns its undo. */
export function addSink(kind: string, recorder: Recorder): () => void {
  const list = sinksOf(kind);
  list.recorders.add(recorder);
  list.epoch++;
  return () => {
    if (list.recorders.delete(recorder)) list.epoch++;
  };
}
