// Native calls that cannot be interrupted leave the stack before anybody can look. A wrapper that makes one more call
// after them, only while a capture is waiting, lets it be served while the caller is still there.
// In a capture every function of this file but the checkpoint stands for what it wraps (capture.ts).
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
  const wrapper = withCheckpoint(original, capturing);
  const isNative = sourceOf.call(original).endsWith('{ [native code] }');
  return isNative ? likeOriginal(wrapper.bind(undefined), original) : wrapper;
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
  readonly label: string;
  readonly capturing: Capturing;
  readonly timing: CallTiming;
}

/** Wraps `original`, which is timed as well: that is two readings of the clock. */
export function withTiming(original: AnyFunction, { label, capturing, timing }: TimedCallOptions): AnyFunction {
  const { now, longMs } = timing;
  const { name } = original;
  const wrapper = {
    [name](this: unknown, ...args: never[]): unknown {
      const isTimed = timing.depth === 0;
      const fromMs = isTimed ? now() : 0;
      timing.depth++;
      try {
        return apply(original, this, args);
      } finally {
        timing.depth--;
        if (capturing[0] !== 0) checkpoint();
        if (isTimed) {
          const toMs = now();
          if (toMs - fromMs >= longMs) timing.onLong({ label, fromMs, toMs, wrapper });
        }
      }
    },
  }[name] as AnyFunction;
  return likeOriginal(wrapper, original);
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
