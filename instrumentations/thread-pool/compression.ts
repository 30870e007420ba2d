// Compression in the pool: one request for each chunk that a stream of zlib is given, on every version of Node.
// For async_hooks a stream is one resource however many chunks it gets, so its own methods have to tell.
import type { Monitor } from '../../src/instrumentation.js';
import { replaceMethod, undoAll } from '../../src/loading/replace.js';
import type { PoolRequest, PoolRequests } from './pool-requests.js';

type Callback = (...args: unknown[]) => unknown;

/** Notes the chunks that streams of `zlib` work on from now on. Throws a TypeError where they are not built as they are known to be. */
export function watchCompression(zlib: object, requests: PoolRequests): Monitor {
  const prototype = baseOf(zlib);
  const working = new Map<object, PoolRequest>();

  function end(stream: object): void {
    const request = working.get(stream);
    if (request === undefined) return;
    working.delete(stream);
    requests.end(request);
  }

  const undos: (() => void)[] = [];
  try {
    undos.push(
      replaceMethod(
        prototype,
        '_transform',
        (original) =>
          ({
            wrapper(this: object, ...args: unknown[]): unknown {
              const callback = args[2];
              if (typeof callback !== 'function') return Reflect.apply(original, this, args);
              end(this);
              working.set(this, requests.begin('zlib'));
              const finish = () => end(this);
              args[2] = function (this: unknown, ...results: unknown[]): unknown {
                finish();
                return Reflect.apply(callback as Callback, this, results);
              };
              return Reflect.apply(original, this, args);
            },
          }).wrapper,
      ),
      // A stream that fails never calls back.
      replaceMethod(
        prototype,
        '_destroy',
        (original) =>
          ({
            wrapper(this: object, ...args: unknown[]): unknown {
              end(this);
              return Reflect.apply(original, this, args);
            },
          }).wrapper,
      ),
    );
  } catch (error) {
    undoAll(undos);
    throw error;
  }
  return {
    stop() {
      undoAll(undos.splice(0));
      for (const stream of [...working.keys()]) end(stream);
    },
  };
}

// What all streams of zlib inherit from is not exported.
function baseOf(zlib: object): object {
  const { Deflate } = zlib as { readonly Deflate?: { readonly prototype: object } };
  let prototype: unknown = Deflate?.prototype;
  while (typeof prototype === 'object' && prototype !== null && !Object.hasOwn(prototype, '_transform')) {
    prototype = Object.getPrototypeOf(prototype);
  }
  if (typeof prototype === 'object' && prototype !== null && Object.hasOwn(prototype, '_destroy')) return prototype;
  throw new TypeError('the streams of zlib have no `_transform` and `_destroy` of their own');
}
