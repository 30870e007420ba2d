// Requests to the pool as the public functions of Node that make them tell, where hooks would slow every promise down.
import type Crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { types } from 'node:util';
import type { Monitor } from '../../src/instrumentation.js';
import { type AnyFunction, replaceMethod, undoAll } from '../../src/loading/replace.js';
import { FILE_HANDLE_CALLS, type Holder, type PoolCalls, SUBTLE_CALLS } from './pool-calls.js';
import type { PoolRequests, PoolWork } from './pool-requests.js';
import { quietBuiltin } from './quiet-builtin.js';

const { moduleLoadList } = process as { readonly moduleLoadList?: readonly string[] };
const WEB_CRYPTO = 'NativeModule internal/crypto/webcrypto';

// The application may have replaced it.
const nativeThen = Promise.prototype.then;

export interface WrappedRequests extends Monitor {
  /** Wraps what was loaded since the last time. */
  wrapLoaded(): void;
}

export interface WrappedRequestsOptions {
  readonly requests: PoolRequests;
  /** The functions that are wrapped. */
  readonly calls: readonly PoolCalls[];
  /** Whether Web Crypto is wrapped, once the program has loaded it. */
  readonly subtle: boolean;
  readonly report: (cause: string, error: unknown) => void;
}

/** Notes the requests that are made through public functions from now on. */
export function wrapRequests({ requests, calls, subtle, report }: WrappedRequestsOptions): WrappedRequests {
  const undos: (() => void)[] = [];
  let hasSubtle = !subtle;
  let hasFileHandle = false;
  let stopped = false;

  function replace(holder: object, names: readonly string[], make: (original: AnyFunction) => AnyFunction): void {
    for (const name of names) {
      const property = Object.getOwnPropertyDescriptor(holder, name);
      // This version of Node has it not, or its intrinsics are frozen.
      if (typeof property?.value !== 'function' || property.configurable !== true) continue;
      try {
        undos.push(replaceMethod(holder, name, make));
      } catch (error) {
        report('a call to the thread pool could not be wrapped', error);
      }
    }
  }

  function wrapCallbacks(holder: object, names: readonly string[], work: PoolWork, isWork = always): void {
    replace(
      holder,
      names,
      (original) =>
        ({
          wrapper(this: unknown, ...args: unknown[]): unknown {
            const last = args.length - 1;
            const callback = args[last];
            if (stopped || typeof callback !== 'function' || !isWork(args)) return Reflect.apply(original, this, args);
            const request = requests.begin(work);
            args[last] = function (this: unknown, ...results: unknown[]): unknown {
              requests.end(request);
              return Reflect.apply(callback, this, results);
            };
            try {
              return Reflect.apply(original, this, args);
            } catch (error) {
              requests.end(request);
              throw error;
            }
          },
        }).wrapper,
    );
  }

  function wrapPromises(holder: object, names: readonly string[], work: PoolWork, isWork = always): void {
    replace(
      holder,
      names,
      (original) =>
        ({
          wrapper(this: unknown, ...args: unknown[]): unknown {
            if (stopped || !isWork(args)) return Reflect.apply(original, this, args);
            const request = requests.begin(work);
            try {
              const result: unknown = Reflect.apply(original, this, args);
              if (types.isPromise(result)) return followed(result, () => requests.end(request));
              requests.end(request);
              return result;
            } catch (error) {
              requests.end(request);
              throw error;
            }
          },
        }).wrapper,
    );
  }

  // The class of file handles is not exported: the first handle shows it.
  function wrapFileHandles(promises: object): void {
    replace(
      promises,
      ['open'],
      (original) =>
        ({
          wrapper(this: unknown, ...args: unknown[]): unknown {
            if (stopped) return Reflect.apply(original, this, args);
            const request = requests.begin('fs');
            const result: unknown = Reflect.apply(original, this, args);
            const over = (handle?: unknown) => {
              requests.end(request);
              found(handle);
            };
            if (types.isPromise(result)) return followed(result, over);
            over();
            return result;
          },
        }).wrapper,
    );
    function found(handle: unknown): void {
      if (stopped || hasFileHandle || typeof handle !== 'object' || handle === null) return;
      hasFileHandle = true;
      wrapPromises(Object.getPrototypeOf(handle) as object, FILE_HANDLE_CALLS, 'fs');
    }
  }

  function wrapLoaded(): void {
    if (stopped || hasSubtle || moduleLoadList?.includes(WEB_CRYPTO) !== true) return;
    hasSubtle = true;
    const { webcrypto } = quietBuiltin<typeof Crypto>('node:crypto');
    wrapPromises(Object.getPrototypeOf(webcrypto.subtle) as object, SUBTLE_CALLS, 'crypto');
  }

  for (const { module, holder: holderOf, callbacks, promises, work, isWork } of calls) {
    try {
      // Programs take functions out of modules by `const { … } = require(…)`, once and for all: ours have to be there before.
      const holder = holderOf(quietBuiltin<Holder>(module));
      wrapCallbacks(holder, callbacks ?? [], work, isWork);
      wrapPromises(holder, promises ?? [], work, isWork);
      if (module === 'node:fs/promises') wrapFileHandles(holder);
    } catch (error) {
      report('calls to the thread pool could not be wrapped', error);
    }
  }
  syncBuiltinESMExports();
  wrapLoaded();
  return {
    wrapLoaded,
    stop() {
      stopped = true;
      undoAll(undos.splice(0));
      syncBuiltinESMExports();
    },
  };
}

/** A promise that settles as `promise` does, which nobody else has seen: a handler on that itself would mark it as handled. */
function followed(promise: Promise<unknown>, over: (value?: unknown) => void): Promise<unknown> {
  return Reflect.apply(nativeThen, promise, [
    (value: unknown) => {
      over(value);
      return value;
    },
    (error: unknown) => {
      over();
      throw error;
    },
  ]);
}

function always(_args: readonly unknown[]): boolean {
  return true;
}
