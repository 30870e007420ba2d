// Monitors of streams: what they hold against what they may hold, and how long they were paused.
import type { EventEmitter } from 'node:events';
import { type Clock, systemClock } from '../../src/clock.js';
import { disguise } from '../../src/loading/replace.js';
import { text, unexpected } from '../../src/option-values.js';
import type { StreamReading, StreamSide, StreamSource } from '../../src/shared-state.js';
import { addStream, endStream, forgetStream, STREAM_SIDES, streamName } from './stream-sources.js';

/** The monitor of one stream. */
export interface MonitoredStream {
  /** Takes the stream out of the metrics and puts everything back. */
  stop(): void;
}

type WrittenStream = EventEmitter & {
  readonly readableLength?: unknown;
  readonly readableHighWaterMark?: unknown;
  readonly writableLength?: unknown;
  readonly writableHighWaterMark?: unknown;
  readonly writableNeedDrain?: unknown;
  isPaused?(): boolean;
  write?(...args: unknown[]): unknown;
};

/** How long one side of a stream was paused, up to now. */
class PausedTime {
  #totalMs = 0;
  #sinceMs = Number.NaN;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(): void {
    if (Number.isNaN(this.#sinceMs)) this.#sinceMs = this.#clock.monotonicMs();
  }

  end(): void {
    this.#totalMs = this.ms;
    this.#sinceMs = Number.NaN;
  }

  get ms(): number {
    return Number.isNaN(this.#sinceMs) ? this.#totalMs : this.#totalMs + this.#clock.monotonicMs() - this.#sinceMs;
  }
}

/**
 * Shows what a stream of Node holds, its high-water mark and how long it was paused, until `stop()`, the stream's end, or
 * until it is garbage-collected: it is held weakly. Streams of one name add up. A readable side is paused from `pause` to
 * `resume`; a writable one from a `write` that returned false to `drain`. Throws a TypeError for what is no stream of
 * Node, and for a name that is none.
 *
 * @example
 * const monitor = monitorStream(process.stdout, 'stdout');
 * monitor.stop();
 */
export function monitorStream(stream: object, name: string): MonitoredStream {
  return createStreamMonitor(stream, name, systemClock);
}

/** As `monitorStream`, with a clock of the caller's choice. */
export function createStreamMonitor(stream: object, name: string, clock: Clock): MonitoredStream {
  const known = checkStream(stream);
  const sides = STREAM_SIDES.filter((side) => typeof known[`${side}HighWaterMark`] === 'number');
  if (sides.length === 0) throw unexpected('stream', 'a readable or writable stream of Node', stream);
  const paused = { readable: new PausedTime(clock), writable: new PausedTime(clock) };
  const source = createSource(known, { name: streamName(text.check(name, 'name')), sides, paused });
  const undo = listen(known, sides, paused, () => endStream(source));
  addStream(source, stream);
  // The handle alone must not keep the stream alive either.
  const undoing = new WeakMap([[stream, undo]]);
  const target = new WeakRef(stream);
  return {
    stop() {
      const living = target.deref();
      if (living !== undefined) undoing.get(living)?.();
      forgetStream(source);
    },
  };
}

function checkStream(stream: unknown): WrittenStream {
  const isEmitter = typeof stream === 'object' && stream !== null && 'on' in stream && typeof stream.on === 'function';
  if (!isEmitter) throw unexpected('stream', 'a readable or writable stream of Node', stream);
  return stream as unknown as WrittenStream;
}

interface SourceParts {
  readonly name: string;
  readonly sides: readonly StreamSide[];
  readonly paused: Readonly<Record<StreamSide, PausedTime>>;
}

function createSource(stream: WrittenStream, { name, sides, paused }: SourceParts): StreamSource {
  const target = new WeakRef(stream);
  return {
    name,
    sides,
    pausedMs: (side) => paused[side].ms,
    read(side): StreamReading | undefined {
      const living = target.deref();
      if (living === undefined) return undefined;
      return {
        buffered: numberOf(living[`${side}Length`]),
        highWaterMark: numberOf(living[`${side}HighWaterMark`]),
      };
    },
  };
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function listen(
  stream: WrittenStream,
  sides: readonly StreamSide[],
  { readable, writable }: SourceParts['paused'],
  onEnd: () => void,
): () => void {
  const endReadable = () => readable.end();
  const endWritable = () => writable.end();
  const listeners: [string, () => void][] = [];
  let undoWrite = () => {};
  if (sides.includes('readable')) {
    // With a listener for `readable` a stream counts as paused all the time.
    if (stream.isPaused?.() === true && stream.listenerCount('readable') === 0) readable.begin();
    // A stream that is paused before its first turn still tells of the start that was planned for that turn.
    const onResume = () => {
      if (stream.isPaused?.() !== true) readable.end();
    };
    listeners.push(['pause', () => readable.begin()], ['resume', onResume], ['end', endReadable]);
  }
  if (sides.includes('writable')) {
    if (stream.writableNeedDrain === true) writable.begin();
    listeners.push(['drain', endWritable], ['finish', endWritable]);
    undoWrite = watchWrites(stream, () => writable.begin());
  }
  const onClose = () => {
    endReadable();
    endWritable();
    undo();
    onEnd();
  };
  listeners.push(['close', onClose]);
  for (const [event, listener] of listeners) stream.on(event, listener);
  const undo = () => {
    undoWrite();
    for (const [event, listener] of listeners) stream.removeListener(event, listener);
  };
  return undo;
}

// Nothing announces that a writer has to wait but what `write` returns.
function watchWrites(stream: WrittenStream, onFull: () => void): () => void {
  const before = Object.getOwnPropertyDescriptor(stream, 'write');
  const { write } = stream;
  if (typeof write !== 'function' || before?.configurable === false) return () => {};
  const watched = disguise(function (this: unknown, ...args: unknown[]): unknown {
    const result = write.apply(this, args);
    if (result === false && stream.writableNeedDrain !== false) onFull();
    return result;
  }, write);
  Object.defineProperty(stream, 'write', {
    value: watched,
    writable: true,
    configurable: true,
    enumerable: before?.enumerable ?? false,
  });
  return () => {
    if (Object.getOwnPropertyDescriptor(stream, 'write')?.value !== watched) return;
    if (before === undefined) Reflect.deleteProperty(stream, 'write');
    else Object.defineProperty(stream, 'write', before);
  };
}
