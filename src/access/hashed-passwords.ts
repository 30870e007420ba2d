// Passwords that are kept as bcrypt hashes. Checking one takes a good part of a second by design, so it is done seldom.
import type { Comparer } from './credentials.js';
import type { UserSecret } from './rules.js';

/** What is known of a password: `later` is that it cannot be looked at now, because too many wrong ones were. */
export type Verdict = 'right' | 'wrong' | 'later';

export interface HashedPasswordsOptions {
  readonly users: readonly UserSecret[];
  readonly comparer: Comparer;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Whether the password fits the hash, as bcryptjs' `compare`. */
  readonly compare: (password: string, hash: string) => Promise<boolean>;
}

/** The users of one configuration. */
export interface HashedPasswords {
  /** `address` is whose guesses are counted together. Rejects with what `compare` rejects with. */
  verify(user: string, password: string, address: string): Promise<Verdict>;
}

/** Checks that may be made in a second, and at once after a pause. */
const CHECKS_PER_S = 2;
const CHECKS_AT_ONCE = 4;
/** A guess that was wrong costs this many times its own time, in which nothing new is looked at: the rest of the thread is not for guessing. */
const REST_FACTOR = 4;
/** After a wrong password nothing new is looked at from its address for this long. */
const ADDRESS_PAUSE_MS = 2000;
const ADDRESS_LIMIT = 256;
/** A scraper with a wrong password shows the same one every time. */
const WRONG_LIMIT = 256;

/** Creates the checks; a password that was right is known again without another bcrypt. */
export function createHashedPasswords({ users, comparer, now, compare }: HashedPasswordsOptions): HashedPasswords {
  const right = new Map<string, true>();
  const wrong = new Map<string, true>();
  const underWay = new Map<string, Promise<Verdict>>();
  const pausedUntil = new Map<string, number>();
  const budget = createBudget(CHECKS_PER_S, CHECKS_AT_ONCE, now);
  let last: Promise<unknown> = Promise.resolve();
  let restUntil = Number.NEGATIVE_INFINITY;

  async function check(key: string, user: string, password: string, address: string): Promise<Verdict> {
    const known = users.find((one) => one.user === user);
    // A name that is not known takes as long as one that is.
    const hash = (known ?? users[0])?.secret;
    const startMs = now();
    const fits = hash !== undefined && (await compare(password, hash));
    const isRight = fits && known !== undefined;
    remember(isRight ? right : wrong, key, true, isRight ? users.length : WRONG_LIMIT);
    if (!isRight) {
      const nowMs = now();
      remember(pausedUntil, address, nowMs + ADDRESS_PAUSE_MS, ADDRESS_LIMIT);
      restUntil = nowMs + REST_FACTOR * (nowMs - startMs);
    }
    return isRight ? 'right' : 'wrong';
  }

  return {
    verify(user, password, address) {
      const key = comparer.digest(user, password).toString('base64');
      if (right.has(key)) return Promise.resolve('right');
      if (wrong.has(key)) return Promise.resolve('wrong');
      const running = underWay.get(key);
      if (running !== undefined) return running;
      const isBusy = underWay.size >= CHECKS_AT_ONCE || Math.max(restUntil, pausedUntil.get(address) ?? 0) > now();
      if (isBusy || !budget()) return Promise.resolve('later');
      // One after another: each keeps this thread busy.
      const checked = last.then(() => check(key, user, password, address));
      const done = checked.finally(() => underWay.delete(key));
      underWay.set(key, done);
      last = done.catch(() => {});
      return done;
    },
  };
}

/** A token bucket: returns whether one more may be had now. */
export function createBudget(perSecond: number, atOnce: number, now: () => number): () => boolean {
  let left = atOnce;
  let atMs = now();
  return () => {
    const nowMs = now();
    left = Math.min(atOnce, left + ((nowMs - atMs) / 1000) * perSecond);
    atMs = nowMs;
    if (left < 1) return false;
    left--;
    return true;
  };
}

// The oldest goes first.
function remember<T>(known: Map<string, T>, key: string, value: T, limit: number): void {
  known.delete(key);
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > limit && oldest !== undefined) known.delete(oldest);
}
