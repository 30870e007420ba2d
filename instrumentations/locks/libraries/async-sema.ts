// async-sema: who waits stands in a queue of the Sema, whose `resolve` hands the token over.
import { callSites } from '../../../src/call-sites.js';
import type { Library } from '../../../src/loading/library.js';
import { replaceMethod, undoAll } from '../../../src/loading/replace.js';
import { findLocksOf } from '../found-locks.js';
import { guarded } from '../guarded.js';
import type { LockUse } from '../lock-use.js';
import { askFor, holdersOf } from '../watched-lock.js';

interface Waiter {
  resolve(token: unknown): void;
}

interface Sema {
  readonly nrTokens: number;
  readonly waiting: { readonly length: number; pop(): Waiter | undefined; push(waiter: Waiter): number };
}

/** Whether a Sema is that of a RateLimit, which gives back by a timer. */
const limiters = new WeakMap<Sema, boolean>();
/** `acquire` tries first, which is no use of its own. */
let isAcquiring = false;

type Method = (this: Sema, ...args: never[]) => unknown;

const NAME = 'async-sema';

export const asyncSemaLibrary: Library = {
  name: NAME,
  from: '3.0.0',
  below: '4.0.0',
  patch(exports) {
    const { prototype } = (exports as { readonly Sema: { readonly prototype: object } }).Sema;
    const undos = [findLocksOf(prototype)];
    const undo = () => undoAll(undos);
    try {
      undos.push(
        replaceMethod(prototype, 'acquire', watchAcquire),
        replaceMethod(prototype, 'tryAcquire', watchTry),
        replaceMethod(prototype, 'release', watchRelease),
      );
    } catch (error) {
      undo();
      throw error;
    }
    return { undo };
  },
};

function watchAcquire(acquire: Method): Method {
  return function watched(this: Sema, ...args) {
    const use = guarded(() => askFor(this, { below: watched, isExclusive: this.nrTokens === 1, library: NAME }));
    const isLimiter = guarded(() => isOfLimiter(this, watched)) ?? false;
    const before = guarded(() => this.waiting.length) ?? 0;
    const wasAcquiring = isAcquiring;
    isAcquiring = true;
    try {
      return Reflect.apply(acquire, this, args);
    } finally {
      isAcquiring = wasAcquiring;
      guarded(() => {
        if (use === undefined) return;
        if (this.waiting.length > before) grantedLater(this, use, isLimiter);
        else grant(use, isLimiter);
      });
    }
  };
}

// What nobody holds is only waited for.
function grant(use: LockUse, isLimiter: boolean): void {
  use.granted();
  if (isLimiter) use.forgotten();
}

function isOfLimiter(sema: Sema, below: Method): boolean {
  let isLimiter = limiters.get(sema);
  if (isLimiter === undefined) {
    const [caller] = callSites(below, 1);
    isLimiter = caller?.getFunctionName() === 'rl' && (caller.getFileName() ?? '').includes(NAME);
    limiters.set(sema, isLimiter);
  }
  return isLimiter;
}

function grantedLater(sema: Sema, use: LockUse, isLimiter: boolean): void {
  const waiter = sema.waiting.pop();
  if (waiter === undefined) return;
  const { resolve } = waiter;
  waiter.resolve = (token) => {
    guarded(() => grant(use, isLimiter));
    resolve(token);
  };
  sema.waiting.push(waiter);
}

function watchTry(tryAcquire: Method): Method {
  return function watched(this: Sema, ...args) {
    const token = Reflect.apply(tryAcquire, this, args);
    if (token !== undefined && !isAcquiring) {
      guarded(() => askFor(this, { below: watched, isExclusive: this.nrTokens === 1, library: NAME }).granted());
    }
    return token;
  };
}

function watchRelease(release: Method): Method {
  return function (this: Sema, ...args) {
    guarded(() => {
      // Tokens need not differ, so that the one that was taken first stands for all.
      const [oldest] = holdersOf(this);
      oldest?.released();
    });
    return Reflect.apply(release, this, args);
  };
}
