// `withTimeout` and `tryAcquire` of async-mutex make an object without a prototype, whose `runExclusive` asks by its own
// `acquire`: what it calls has the lock, and not whoever called it.
import type { Library } from '../../../src/loading/library.js';
import { disguise, replaceMethod } from '../../../src/loading/replace.js';
import { guarded } from '../guarded.js';
import { asyncMutexLibrary, watchRun } from './async-mutex.js';

/** The modules that make such objects: that of CommonJS, and that of ES modules. */
export const ASYNC_MUTEX_TIMEOUTS: readonly Library[] = ['lib/withTimeout.js', 'index.mjs'].map((file) => ({
  ...asyncMutexLibrary,
  file,
  patch,
}));

type WithTimeout = (this: unknown, ...args: unknown[]) => object;

function patch(exports: unknown): ReturnType<Library['patch']> {
  const { withTimeout } = exports as { readonly withTimeout: WithTimeout };
  let isOn = true;
  const replacement = disguise(function (this: unknown, ...args: unknown[]) {
    const lock = Reflect.apply(withTimeout, this, args);
    // It is not put back: on locks that were handed out it does nothing any more once nobody follows them.
    if (isOn) guarded(() => replaceMethod(lock, 'runExclusive', watchRun));
    return lock;
  }, withTimeout);
  return {
    exports: { withTimeout: replacement },
    undo() {
      isOn = false;
    },
  };
}
