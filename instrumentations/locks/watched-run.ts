// Methods of the application's own locks that take what is to be done, such as `runExclusive`.
import { systemClock } from '../../src/clock.js';
import { disguise } from '../../src/loading/replace.js';
import { runApart, runInFlow } from './flows.js';
import { isFoundByItself } from './found-locks.js';
import { guarded } from './guarded.js';
import type { LockUse } from './lock-use.js';
import { whenSettled } from './settled.js';
import { askFor, holdersOf, type WatchedLock } from './watched-lock.js';

export type Method = (this: object, ...args: unknown[]) => unknown;

/** What the methods of one lock know of each other. */
export interface Watch {
  /** What the lock is known by. */
  readonly inner: object;
  /** Whether it has a method that gives it back. */
  readonly hasRelease: boolean;
  /** Whether a function that it gave is giving it back right now. */
  isReleasing: boolean;
  /** Whether somebody asked by `acquire` since this was last set to false. */
  isAsked: boolean;
  /** Whether its `runExclusive` has been seen to ask by its own `acquire`, where that is watched. */
  runsByAcquire: boolean;
}

/** A method that runs what it is given. It may ask by its own `acquire`, at once or later, which is seen there, or lock by other means. */
export function watchRun(run: Method, watch: Watch): Method {
  return function watched(...args) {
    const index = args.findIndex((arg) => typeof arg === 'function');
    const work = args[index];
    if (isFoundByItself(watch.inner) || typeof work !== 'function') return Reflect.apply(run, this, args);
    const beganMs = systemClock.monotonicMs();
    const use = watch.runsByAcquire ? undefined : guarded(() => ask(watch, watched));
    const others = [...args];
    others[index] = guarded(() => watchWork(work as Method, { watch, use, beganMs })) ?? work;
    watch.isAsked = false;
    try {
      const result = runApart(() => Reflect.apply(run, this, others));
      if (watch.isAsked) use?.gaveUp();
      // The lock may give up without having called what was to be done.
      return use?.isWaiting === true
        ? whenSettled(
            result,
            (value) => over(value, use),
            () => use.gaveUp(),
          )
        : result;
    } catch (error) {
      use?.gaveUp();
      throw error;
    }
  };
}

const ask = ({ inner }: Watch, below: Method): LockUse => askFor(inner, { below, isExclusive: true, isScoped: true });

interface Run {
  readonly watch: Watch;
  /** Its request; undefined where one is expected from `acquire`. */
  readonly use: LockUse | undefined;
  readonly beganMs: number;
}

function watchWork(work: Method, { watch, use: asked, beganMs }: Run): Method {
  const watched: Method = function (...given) {
    if (guarded(() => isTaken(watch, beganMs)) === true) {
      asked?.gaveUp();
      return Reflect.apply(work, this, given);
    }
    const use = asked?.isWaiting === true ? asked : guarded(() => ask(watch, watched));
    if (use === undefined) return Reflect.apply(work, this, given);
    use.granted();
    try {
      const result = runInFlow(use, () => Reflect.apply(work, this, given));
      return whenSettled(
        result,
        (value) => over(value, use),
        () => use.released(),
      );
    } catch (error) {
      use.released();
      throw error;
    }
  };
  return disguise(watched, work);
}

// Whoever runs has the lock: if somebody has it who asked by `acquire` since then, that was the run.
function isTaken(watch: Watch, beganMs: number): boolean {
  for (const use of holdersOf(watch.inner)) {
    if (use.isScoped || use.isOfRun || use.askedMs < beganMs) continue;
    use.isOfRun = true;
    // Where several have it at a time, it may have been another one.
    if (!use.lock.isShared) expectAcquire(watch, use.lock);
    return true;
  }
  return false;
}

function expectAcquire(watch: Watch, { waiting }: WatchedLock): void {
  if (watch.runsByAcquire) return;
  watch.runsByAcquire = true;
  // The others are waited for by `acquire` as well.
  for (const use of waiting) if (use.isScoped) use.gaveUp();
}

function over(value: unknown, use: LockUse): unknown {
  use.gaveUp();
  use.released();
  return value;
}
