// async-mutex: a Mutex is a Semaphore of one, so that everything is seen at the methods of Semaphore.
import type { Library } from '../../../src/loading/library.js';
import { replaceMethod, undoAll } from '../../../src/loading/replace.js';
import { runApart } from '../flows.js';
import { findLocksOf } from '../found-locks.js';
import { guarded } from '../guarded.js';
import { lockState } from '../lock-state.js';
import type { LockUse } from '../lock-use.js';
import { askFor, holdersOf } from '../watched-lock.js';

interface Semaphore {
  readonly _queue: readonly object[];
  readonly _value: number;
}

/** What is asked for, and what is handed over, in the call that is under way; and whether that is for a callback. */
let asking: LockUse | undefined;
let granted: LockUse | undefined;
let isRunning = false;

const NAME = 'async-mutex';

export const asyncMutexLibrary: Library = {
  name: NAME,
  from: '0.5.0',
  below: '0.6.0',
  patch(exports) {
    const { Semaphore } = exports as { readonly Semaphore: { readonly prototype: object } };
    const { prototype } = Semaphore;
    const undos = [findLocksOf(prototype)];
    const undo = () => undoAll(undos);
    try {
      undos.push(
        replaceMethod(prototype, 'acquire', watchAcquire),
        replaceMethod(prototype, '_dispatchItem', watchDispatch),
        replaceMethod(prototype, '_newReleaser', watchReleaser),
        replaceMethod(prototype, 'release', watchRelease),
        replaceMethod(prototype, 'cancel', watchCancel),
        replaceMethod(prototype, 'setValue', watchSetValue),
        replaceMethod(prototype, 'runExclusive', watchRun),
      );
    } catch (error) {
      undo();
      throw error;
    }
    return { undo };
  },
};

type Method = (this: Semaphore, ...args: number[]) => unknown;

/** Whoever calls `runExclusive` does not have the lock itself: its callback does. */
export function watchRun(run: Method): Method {
  return function (this: Semaphore, ...args) {
    const before = isRunning;
    isRunning = true;
    try {
      return runApart(() => Reflect.apply(run, this, args));
    } finally {
      isRunning = before;
    }
  };
}

function watchAcquire(acquire: Method): Method {
  return function watched(this: Semaphore, ...args) {
    const use = guarded(() => ask(this, watched, args[0] ?? 1));
    const before = asking;
    asking = use;
    try {
      return Reflect.apply(acquire, this, args);
    } catch (error) {
      use?.gaveUp();
      throw error;
    } finally {
      asking = before;
      if (use?.isWaiting === true) guarded(() => remember(this, use));
    }
  };
}

// In the flow of `runExclusive`, which is apart from that of whoever called it.
function ask(semaphore: Semaphore, below: Method, weight: number): LockUse {
  const { _value: free } = semaphore;
  const use = askFor(semaphore, { below, free, isScoped: isRunning, entersFlow: true, library: NAME });
  use.units = weight;
  return use;
}

// A new request stands behind all of its priority, which nearly always is the end.
function remember({ _queue }: Semaphore, use: LockUse): void {
  const { requests } = lockState();
  for (let index = _queue.length - 1; index >= 0; index--) {
    const item = _queue[index];
    if (item === undefined || requests.has(item)) continue;
    requests.set(item, use);
    return;
  }
}

function watchDispatch(dispatch: Method): Method {
  return function (this: Semaphore, ...args) {
    const use = guarded(() => requested((args as readonly unknown[] as readonly object[])[0]) ?? asking);
    const before = granted;
    granted = use;
    try {
      return Reflect.apply(dispatch, this, args);
    } finally {
      granted = before;
      guarded(() => {
        use?.granted();
      });
    }
  };
}

// Taken out at once: garbage collections look through what is in a WeakMap again and again.
function requested(item: object | undefined): LockUse | undefined {
  const { requests } = lockState();
  const use = item === undefined ? undefined : requests.get(item);
  if (item !== undefined && use !== undefined) requests.delete(item);
  return use;
}

function watchReleaser(newReleaser: Method): Method {
  return function (this: Semaphore, ...args) {
    const release = Reflect.apply(newReleaser, this, args) as () => void;
    const use = granted;
    if (use === undefined) return release;
    return () => {
      const state = lockState();
      const before = state.releasing;
      state.releasing = use;
      try {
        release();
      } finally {
        state.releasing = before;
      }
    };
  };
}

function watchRelease(release: Method): Method {
  return function (this: Semaphore, ...args) {
    guarded(() => {
      const { releasing } = lockState();
      if (releasing === undefined) takeBack(this, args[0] ?? 1, (use) => use.released());
      else releasing.released();
    });
    return Reflect.apply(release, this, args);
  };
}

// As a limiter of rates does: nobody gives anything back, and all of it is there again.
function watchSetValue(setValue: Method): Method {
  return function (this: Semaphore, ...args) {
    guarded(() => takeBack(this, (args[0] ?? 0) - this._value, (use) => use.forgotten()));
    return Reflect.apply(setValue, this, args);
  };
}

// Who does not use the function that `acquire` gave gives back what was taken first.
function takeBack(semaphore: Semaphore, units: number, end: (use: LockUse) => void): void {
  let left = units;
  for (const use of holdersOf(semaphore)) {
    if (!(left > 0)) return;
    const part = Math.min(left, use.units);
    left -= part;
    use.units -= part;
    if (use.units <= 0) end(use);
  }
}

function watchCancel(cancel: Method): Method {
  return function (this: Semaphore, ...args) {
    guarded(() => {
      const { requests } = lockState();
      for (const item of this._queue) requests.get(item)?.gaveUp();
    });
    return Reflect.apply(cancel, this, args);
  };
}
