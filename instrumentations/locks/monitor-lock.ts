// Locks of the application's own: the methods of one object are watched, whatever their class is.
import { disguise, undoAll } from '../../src/loading/replace.js';
import { text, unexpected } from '../../src/option-values.js';
import { innerLock, isFoundByItself } from './found-locks.js';
import { guarded } from './guarded.js';
import { lockState } from './lock-state.js';
import type { LockUse } from './lock-use.js';
import { whenSettled } from './settled.js';
import { askFor, holdersOf, nameLock } from './watched-lock.js';
import { type Method, type Watch, watchRun } from './watched-run.js';

/** The monitor of one lock. */
export interface MonitoredLock {
  /** Takes the lock out of the metrics and puts its methods back. */
  stop(): void;
}

const ACQUIRE = ['acquire', 'lock'] as const;
const RELEASE = ['release', 'unlock'] as const;
const RUN = ['runExclusive', 'use', 'with'] as const;

/**
 * Shows who waits for `lock`, for how long, and how long it is held, until `stop()`; holds that are long while others wait
 * are told of with the code of both sides. The lock has `acquire` or `lock`, which return a promise, and `release` or
 * `unlock`, or the promise is for a function that gives it back, or they take what is to be done under the lock. Locks of async-mutex and async-sema are found by
 * themselves and get the name here. How long a lock is held is not known where the promise is for an object that gives it
 * back. Throws a TypeError for an object without such methods, or with ones that cannot be replaced, and for an empty name.
 *
 * @example
 * const accounts = { acquire: async () => {}, release() {} };
 * const monitor = monitorLock(accounts, 'accounts');
 * await accounts.acquire();
 * accounts.release();
 * monitor.stop();
 */
export function monitorLock(lock: object, name: string): MonitoredLock {
  if (typeof lock !== 'object' || lock === null) throw unexpected('lock', LOCK, lock);
  text.check(name, 'name');
  const { monitored } = lockState();
  const known = monitored.get(lock) ?? { monitors: 0, undo: watchMethods(lock) };
  known.monitors++;
  monitored.set(lock, known);
  const unname = nameLock(innerLock(lock), name);
  let isOn = true;
  return {
    stop() {
      if (!isOn) return;
      isOn = false;
      known.monitors--;
      if (known.monitors === 0) {
        monitored.delete(lock);
        known.undo();
      }
      unname();
    },
  };
}

const LOCK = 'an object with `acquire` or `lock`';
const REPLACEABLE = `${LOCK} that can be replaced`;

function watchMethods(lock: object): () => void {
  const acquire = methodOf(lock, ACQUIRE);
  if (acquire === undefined) throw unexpected('lock', LOCK, lock);
  const release = methodOf(lock, RELEASE);
  const run = methodOf(lock, RUN);
  const inner = innerLock(lock);
  const hasRelease = release !== undefined;
  const watch: Watch = { inner, hasRelease, isReleasing: false, isAsked: false, runsByAcquire: false };
  const undos: (() => void)[] = [];
  try {
    undos.push(replaceOwn(lock, acquire, (original) => watchAcquire(original, watch)));
    if (release !== undefined) undos.push(replaceOwn(lock, release, (original) => watchRelease(original, watch)));
    if (run !== undefined) undos.push(replaceOwn(lock, run, (original) => watchRun(original, watch)));
  } catch {
    undoAll(undos);
    throw unexpected('lock', REPLACEABLE, lock);
  }
  return () => undoAll(undos);
}

// Where it takes what is to be done, it is another name of `runExclusive`.
function watchAcquire(acquire: Method, watch: Watch): Method {
  const run = watchRun(acquire, watch);
  return function watched(...args) {
    if (args.some((arg) => typeof arg === 'function')) return Reflect.apply(run, this, args);
    if (isFoundByItself(watch.inner)) return Reflect.apply(acquire, this, args);
    watch.isAsked = true;
    const use = guarded(() => askFor(watch.inner, { below: watched, isExclusive: true }));
    let result: unknown;
    try {
      result = Reflect.apply(acquire, this, args);
    } catch (error) {
      use?.gaveUp();
      throw error;
    }
    if (use === undefined) return result;
    return whenSettled(
      result,
      (value) => granted(value, use, watch),
      () => use.gaveUp(),
    );
  };
}

// Of a function that gives the lock back, the application gets one that does the same.
function granted(value: unknown, use: LockUse, watch: Watch): unknown {
  if (value === false) use.gaveUp();
  else use.granted();
  if (typeof value === 'function') return watchReleaser(value as Method, use, watch);
  if (!watch.hasRelease) use.forgotten();
  return value;
}

function watchReleaser(release: Method, use: LockUse, watch: Watch): Method {
  return disguise(function (this: object, ...args: unknown[]) {
    use.released();
    const before = watch.isReleasing;
    watch.isReleasing = true;
    try {
      return Reflect.apply(release, this, args);
    } finally {
      watch.isReleasing = before;
    }
  }, release);
}

function watchRelease(release: Method, watch: Watch): Method {
  return function (...args) {
    if (!watch.isReleasing && !isFoundByItself(watch.inner)) {
      guarded(() => {
        const [oldest] = holdersOf(watch.inner);
        oldest?.released();
      });
    }
    return Reflect.apply(release, this, args);
  };
}

function methodOf(lock: object, names: readonly string[]): string | undefined {
  return names.find((name) => typeof Reflect.get(lock, name) === 'function');
}

function replaceOwn(lock: object, key: string, make: (original: Method) => Method): () => void {
  const own = Object.getOwnPropertyDescriptor(lock, key);
  const original = Reflect.get(lock, key) as Method;
  const replacement = disguise(make(original), original);
  Object.defineProperty(lock, key, {
    value: replacement,
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? false,
  });
  return () => {
    if (Object.getOwnPropertyDescriptor(lock, key)?.value !== replacement) return;
    if (own === undefined) Reflect.deleteProperty(lock, key);
    else Object.defineProperty(lock, key, own);
  };
}
