// The locks that are in use: who holds each and who waits for it.
import { systemClock } from '../../src/clock.js';
import { creatorName } from '../queues/creator-name.js';
import { askedAt } from './asked-at.js';
import { askingStretch, enterFlow, heldByFlow } from './flows.js';
import { isNewOrder, noteOrder } from './lock-order.js';
import { lockState } from './lock-state.js';
import { LockUse } from './lock-use.js';
import { type NamedLocks, namedLocks } from './named-locks.js';

type AnyFunction = (...args: never[]) => unknown;

/** Of more than this the oldest is not followed any more: locks are dropped while they are held, or never given back. */
const MOST_LOCKS = 10_000;
const MOST_WAITING = 100_000;
const MOST_HELD = 1000;
const MOST_STACKS = 1000;

/** A lock that somebody asked for. */
export class WatchedLock {
  readonly number: number;
  readonly waiting = new Set<LockUse>();
  readonly held = new Set<LockUse>();
  named: NamedLocks;
  /** The most that has been seen to be free of a semaphore. */
  mostFree = 0;
  /** Whether several had it at a time, though it looked as if only one could. */
  isShared = false;

  readonly #lock: WeakRef<object>;

  constructor(lock: object, named: NamedLocks) {
    this.#lock = new WeakRef(lock);
    this.number = ++lockState().count;
    this.named = named;
  }

  /** Whether the application has dropped it. */
  get isGone(): boolean {
    return this.#lock.deref() === undefined;
  }

  /** A use is over. */
  ended(): void {
    if (this.waiting.size === 0 && this.held.size === 0) lockState().inUse.delete(this);
  }

  /** Nobody tells what becomes of its uses. */
  forgetUses(): void {
    for (const use of this.waiting) use.gaveUp();
    for (const use of this.held) use.forgotten();
  }
}

export interface AskOptions {
  /** The function of ours that was called, above which the application's code stands. */
  readonly below: AnyFunction;
  /** Whether only one can have the lock at a time: the order of others is of no consequence. @default by `free` */
  readonly isExclusive?: boolean;
  /** How many can have the lock right now. */
  readonly free?: number;
  /** Whether a function that is called then has the lock, and not the flow that asks. @default false */
  readonly isScoped?: boolean;
  /** Whether the lock itself goes on in the flow that asks. @default whether it is not scoped */
  readonly entersFlow?: boolean;
  /** The package that the lock is of; its own code is not the place. */
  readonly library?: string;
}

/** Somebody asks for `lock`. To be called before the lock itself is. */
export function askFor(lock: object, options: AskOptions): LockUse {
  const { below, library, free = 0 } = options;
  const { watched, contended } = lockState();
  let one = watched.get(lock);
  if (one === undefined) {
    one = new WatchedLock(lock, namedLocks(creatorName(below, library)));
    one.named.isFound = true;
    watched.set(lock, one);
  }
  if (free > one.mostFree) one.mostFree = free;
  const { isExclusive = one.mostFree <= 1, isScoped = false, entersFlow = !isScoped } = options;
  const nowMs = systemClock.monotonicMs();
  const held = heldByFlow();
  const asked = (isExclusive && isNewOrder(one, held)) || mayTakeStack(one, nowMs) ? askedAt(below) : undefined;
  const use = new LockUse(one, { nowMs, asked, stretch: askingStretch(), isExclusive, isScoped });
  keepBounded(one);
  if (one.held.size > 0) for (const tell of contended) tell();
  if (isExclusive) noteOrder(use, held);
  if (entersFlow) enterFlow(use, held);
  return use;
}

// A stack takes two kilobytes, and of so many who wait only the first are ever told of.
function mayTakeStack({ waiting, named }: WatchedLock, nowMs: number): boolean {
  return waiting.size < MOST_STACKS && named.stacks.take(nowMs);
}

/** Names `lock`, whose uses so far keep the name that it had; returns the undo, after which it is not followed. */
export function nameLock(lock: object, name: string): () => void {
  const { watched } = lockState();
  const named = namedLocks(name);
  named.givenTo++;
  let one = watched.get(lock);
  if (one === undefined) {
    one = new WatchedLock(lock, named);
    watched.set(lock, one);
  } else one.named = named;
  const mine = one;
  return () => {
    if (mine.named === named && watched.get(lock) === mine) {
      watched.delete(lock);
      mine.forgetUses();
    }
    named.givenTo--;
    named.endUnused();
  };
}

/** Nobody follows locks any more: what becomes of them is not known. */
export function forgetAllUses(): void {
  for (const lock of lockState().inUse) lock.forgetUses();
}

/** The uses that hold `lock`, the oldest first. */
export function holdersOf(lock: object): Iterable<LockUse> {
  return lockState().watched.get(lock)?.held ?? [];
}

/** Calls `listener` whenever somebody waits for a lock that is held; returns the undo. */
export function onContention(listener: () => void): () => void {
  const { contended } = lockState();
  contended.add(listener);
  return () => {
    contended.delete(listener);
  };
}

/** The locks that are held or waited for. */
export function locksInUse(): ReadonlySet<WatchedLock> {
  return lockState().inUse;
}

// A lock that nobody will give back any more would stay for good.
function keepBounded(lock: WatchedLock): void {
  const { inUse } = lockState();
  inUse.add(lock);
  if (inUse.size > MOST_LOCKS) for (const oldest of first(inUse)) inUse.delete(oldest);
  if (lock.waiting.size > MOST_WAITING) for (const oldest of first(lock.waiting)) oldest.gaveUp();
  if (lock.held.size > MOST_HELD) for (const oldest of first(lock.held)) oldest.forgotten();
}

function first<T>(set: ReadonlySet<T>): T[] {
  for (const one of set) return [one];
  return [];
}
