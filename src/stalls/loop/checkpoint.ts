// Native calls that cannot be interrupted leave the stack before anybody can look. A wrapper that makes one more call
// after them, only while a capture is waiting, lets it be served while the caller is still there.
// In a capture every function of this file but the checkpoint stands for what it wraps (capture.ts).
import type { CallTally } from './call-tally.js';
import { CHECKPOINT_NAME } from './capture.js';

/** Shared memory whose first number is not 0 while somebody waits for a capture. */
export type Capturing = Int32Array;

/** Any function, as a wrapper sees it. */
export type AnyFunction = (this: unknown, ...args: never[]) => unknown;

/** How the calls of one thread are timed. */
export interface CallTiming {
  /** Calls under way: one that another one makes is part of that. `NOT_TIMED` switches the timing off for good. */
  depth: number;
  /** Calls that took less are not told of, in milliseconds. */
  readonly longMs: number;
  readonly now: () => number;
  /** Told of a long call; never throws. */
  readonly onLong: (call: LongCall) => void;
  /** Told of a call in which the next sample of its tally is due; never throws. */
  readonly onSample: (tally: CallTally, ms: number, wrapper: AnyFunction) => void;
}

/** A call that took long; times are monotonic milliseconds. */
export interface LongCall {
  /** Such as `fs.readFileSync`. */
  readonly label: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Below it on the stack is the caller. */
  readonly wrapper: AnyFunction;
}

/** A depth that stays what it is, whatever is added. */
export const NOT_TIMED = Number.POSITIVE_INFINITY;

// V8 serves an interrupt when a function is entered. The name tells the capture that a wrapped call stands below.
const checkpoint = Object.defineProperty(() => {}, 'name', { value: CHECKPOINT_NAME });

const { apply } = Reflect;
const sourceOf = Function.prototype.toString;

/** Wraps `original` for about the cost of one call; everything about it but its identity stays what it was. */
export function withCheckpoint(original: AnyFunction, capturing: Capturing): AnyFunction {
  const { name } = original;
  const wrapper = {
    [name](this: unknown, ...args: never[]): unknown {
      try {
        return apply(original, this, args);
      } finally {
        // A function call here could be the one that the capture is served in.
        if (capturing[0] !== 0) checkpoint();
      }
    },
  }[name] as AnyFunction;
  return likeOriginal(wrapper, original);
}

/** The same for a function that does without `this`: if its code is native, that is still what its text says. */
export function withUnboundCheckpoint(original: AnyFunction, capturing: Capturing): AnyFunction {
  return asNative(withCheckpoint(original, capturing), original);
}

function asNative(wrapper: AnyFunction, original: AnyFunction): AnyFunction {
  const isNative = sourceOf.call(original).endsWith('{ [native code] }');
  return likeOriginal(isNative ? wrapper.bind(undefined) : wrapper, original);
}

/** The same for a method of the engine: a proxy says that its code is native, and passes `this` on. */
export function withMethodCheckpoint(original: AnyFunction, capturing: Capturing): AnyFunction {
  const call = (method: AnyFunction, self: unknown, args: never[]): unknown => {
    try {
      return apply(method, self, args);
    } finally {
      if (capturing[0] !== 0) checkpoint();
    }
  };
  return new Proxy(original, { apply: Object.defineProperty(call, 'name', { value: original.name }) });
}

export interface TimedCallOptions {
  readonly tally: CallTally;
  readonly capturing: Capturing;
  readonly timing: CallTiming;
  /** Which tally a call belongs to, where its arguments tell; none if it does not block. Never throws. @default always `tally` */
  readonly tallyOf?: ((args: readonly unknown[]) => CallTally | undefined) | undefined;
  /** Asked before each call; where it throws, the call is not made. */
  readonly guard?: ((label: string, wrapper: AnyFunction, args: readonly unknown[]) => void) | undefined;
}

/** Wraps `original`, which is timed as well: that is two readings of the clock. */
export function withTiming(
  original: AnyFunction,
  { tally, capturing, timing, tallyOf, guard }: TimedCallOptions,
): AnyFunction {
  const { now } = timing;
  const { name } = original;
  const wrapper = {
    [name](this: unknown, ...args: never[]): unknown {
      if (guard !== undefined) guard(tally.label, wrapper, args);
      const isTimed = timing.depth === 0;
      const fromMs = isTimed ? now() : 0;
      timing.depth++;
      try {
        return apply(original, this, args);
      } finally {
        timing.depth--;
        if (capturing[0] !== 0) checkpoint();
        if (isTimed) {
          const tallied = tallyOf === undefined ? tally : tallyOf(args);
          if (tallied !== undefined) ended(timing, tallied, fromMs, wrapper);
        }
      }
    },
  }[name] as AnyFunction;
  return likeOriginal(wrapper, original);
}

/** Texts from this length on take about a millisecond to read or to write as JSON. */
export const LARGE_TEXT = 128 * 1024;

/** Wraps `JSON.parse`: only large texts are timed. */
export function withParseTiming(original: AnyFunction, { tally, capturing, timing }: TimedCallOptions): AnyFunction {
  const { now } = timing;
  const wrapper = {
    parse(this: unknown, ...args: never[]): unknown {
      const text: unknown = args[0];
      const isTimed = typeof text === 'string' && text.length >= LARGE_TEXT && timing.depth === 0;
      const fromMs = isTimed ? now() : 0;
      if (isTimed) timing.depth++;
      try {
        return apply(original, this, args);
      } finally {
        if (isTimed) timing.depth--;
        if (capturing[0] !== 0) checkpoint();
        if (isTimed) ended(timing, tally, fromMs, wrapper);
      }
    },
  }.parse as AnyFunction;
  return asNative(wrapper, original);
}

/** So many calls after one with a large text are timed. */
const WATCHED_CALLS = 1000;

/** Wraps `JSON.stringify`, whose text is known when it is over: the calls after one that made a large text are timed. */
export function withStringifyTiming(original: AnyFunction, { tally, timing }: TimedCallOptions): AnyFunction {
  const { now } = timing;
  let watched = 0;
  const wrapper = {
    stringify(this: unknown, ...args: never[]): unknown {
      const isTimed = watched > 0 && timing.depth === 0;
      if (!isTimed) {
        const text = apply(original, this, args);
        if (typeof text === 'string' && text.length >= LARGE_TEXT) watched = WATCHED_CALLS;
        return text;
      }
      watched--;
      const fromMs = now();
      timing.depth++;
      let text: unknown;
      try {
        text = apply(original, this, args);
      } finally {
        timing.depth--;
      }
      if (typeof text === 'string' && text.length >= LARGE_TEXT) {
        watched = WATCHED_CALLS;
        ended(timing, tally, fromMs, wrapper);
      }
      return text;
    },
  }.stringify as AnyFunction;
  return asNative(wrapper, original);
}

function ended(timing: CallTiming, tally: CallTally, fromMs: number, wrapper: AnyFunction): void {
  const toMs = timing.now();
  const ms = toMs - fromMs;
  tally.calls++;
  tally.totalMs += ms;
  if (tally.leftMs <= ms) timing.onSample(tally, ms, wrapper);
  else tally.leftMs -= ms;
  if (ms >= timing.longMs) timing.onLong({ label: tally.label, fromMs, toMs, wrapper });
}

function likeOriginal(wrapper: AnyFunction, original: AnyFunction): AnyFunction {
  for (const key of Reflect.ownKeys(original)) {
    const property = Object.getOwnPropertyDescriptor(original, key);
    if (property !== undefined) Reflect.defineProperty(wrapper, key, property);
  }
  const prototype: unknown = Object.getPrototypeOf(original);
  // Nearly always the same, and V8 makes a map of its own for each function whose prototype is set.
  if (prototype !== Function.prototype) Object.setPrototypeOf(wrapper, prototype as object | null);
  return wrapper;
}
