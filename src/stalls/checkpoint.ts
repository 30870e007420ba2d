// Native calls that cannot be interrupted leave the stack before anybody can look. A wrapper that makes one more call
// after them, only while a capture is waiting, lets it be served while the caller is still there.
import { CHECKPOINT_NAME } from './capture.js';

/** Shared memory whose first number is not 0 while somebody waits for a capture. */
export type Capturing = Int32Array;

// V8 serves an interrupt when a function is entered. The name tells the capture that a wrapped call stands below.
const checkpoint = Object.defineProperty(() => {}, 'name', { value: CHECKPOINT_NAME });

/** Wraps `original`; everything about it but its identity stays what it was. */
export function withCheckpoint<F extends (...args: never[]) => unknown>(original: F, capturing: Capturing): F {
  const { apply } = Reflect;
  const name = original.name;
  const wrapper = {
    [name](this: unknown, ...args: never[]): unknown {
      const result = apply(original, this, args);
      // A function call here could be the one that the capture is served in.
      if (capturing[0] !== 0) checkpoint();
      return result;
    },
  }[name] as unknown as F;
  for (const key of Reflect.ownKeys(original)) {
    const property = Object.getOwnPropertyDescriptor(original, key);
    if (property !== undefined) Reflect.defineProperty(wrapper, key, property);
  }
  Object.setPrototypeOf(wrapper, Object.getPrototypeOf(original));
  return wrapper;
}
