// Learns how a native promise settles without changing what the application sees of it, unhandled rejections included.
import { types } from 'node:util';
import type { Call } from './call.js';

// The intrinsic itself: reading `then` of an object could start what is lazy.
const nativeThen = Promise.prototype.then;

/** Ends `call` with what `result` is or, for a native promise, comes to; returns what the caller is to get. */
export function settle(result: unknown, call: Call): unknown {
  if (!types.isPromise(result) || !call.isObserved) {
    call.succeed(result);
    return result;
  }
  if (isPlain(result)) {
    call.suspend();
    return withOwnProperties(derive(result, call), result);
  }
  if (mayBeWatched(result)) {
    call.suspend();
    watch(result, call);
  } else call.succeed(result);
  return result;
}

/** As `settle` for what an async function returned: a new promise that nobody else has seen. */
export function settleAsync(result: unknown, call: Call): unknown {
  if (!call.isObserved) return result;
  call.suspend();
  return derive(result as Promise<unknown>, call);
}

/** True for a promise of the class Promise itself, of any realm: nobody can have taught it to be lazy. */
function isPlain(promise: object): boolean {
  if (Object.hasOwn(promise, 'then') || Object.hasOwn(promise, 'constructor')) return false;
  const prototype: unknown = Object.getPrototypeOf(promise);
  if (prototype === Promise.prototype) return true;
  if (typeof prototype !== 'object' || prototype === null || !Object.hasOwn(prototype, 'then')) return false;
  const above: unknown = Object.getPrototypeOf(prototype);
  return typeof above === 'object' && above !== null && Object.getPrototypeOf(above) === null;
}

/**
 * A promise that settles as `promise` does: a handler on `promise` itself would mark it as handled, and so hide
 * a rejection that nobody handles.
 */
function derive(promise: Promise<unknown>, call: Call): Promise<unknown> {
  return Reflect.apply(nativeThen, promise, [
    (value: unknown) => {
      call.succeed(value);
      return value;
    },
    (error: unknown) => {
      call.fail(error);
      throw error;
    },
  ]);
}

/** Copies own properties, such as `child` of a promisified `exec`; not symbols, with which Node marks contexts. */
function withOwnProperties(derived: object, promise: object): object {
  for (const name of Object.getOwnPropertyNames(promise)) {
    const property = Object.getOwnPropertyDescriptor(promise, name);
    if (property !== undefined) Object.defineProperty(derived, name, property);
  }
  return derived;
}

/** True for an instance of a subclass that has the inherited `then`; one with a `then` of its own may be lazy. */
function mayBeWatched(promise: Promise<unknown>): boolean {
  if (!Object.isExtensible(promise) || Object.hasOwn(promise, 'constructor')) return false;
  let holder: unknown = promise;
  while (typeof holder === 'object' && holder !== null) {
    const property = Object.getOwnPropertyDescriptor(holder, 'then');
    if (property !== undefined) return holder !== promise && property.value === nativeThen;
    holder = Object.getPrototypeOf(holder);
  }
  return false;
}

/**
 * Watches an instance of a subclass, which has to stay the same object. Our handler marks it as handled, so we
 * note whether the application subscribes (for a subclass everything, `await` included, goes through `then`), and
 * where it did not, reject a promise with the same reason in its stead.
 */
function watch(promise: Promise<unknown>, call: Call): void {
  let subscribed = false;
  const note = {
    // biome-ignore lint/suspicious/noThenProperty: it stands in for the inherited one.
    then(this: unknown, onFulfilled: unknown, onRejected: unknown): unknown {
      subscribed = true;
      forget();
      return Reflect.apply(nativeThen, this, [onFulfilled, onRejected]);
    },
  };
  const forget = (): void => {
    if (Object.getOwnPropertyDescriptor(promise, 'then')?.value === note.then) Reflect.deleteProperty(promise, 'then');
  };
  // For a moment its class is Promise: `then` would construct an instance of the subclass, with effects of its own.
  Object.defineProperty(promise, 'constructor', { value: Promise, configurable: true });
  try {
    Reflect.apply(nativeThen, promise, [
      (value: unknown) => {
        forget();
        call.succeed(value);
      },
      (error: unknown) => {
        call.fail(error);
        // A rejection counts as unhandled once the microtasks have run, and that is when ticks run.
        process.nextTick(() => {
          forget();
          if (!subscribed) Promise.reject(error);
        });
      },
    ]);
  } finally {
    Reflect.deleteProperty(promise, 'constructor');
  }
  Object.defineProperty(promise, 'then', { value: note.then, configurable: true, writable: true });
}
