// One use of a lock, from asking for it to giving it back.
import { systemClock } from '../../src/clock.js';
import type { Frame } from '../../src/stalls/blame/frames.js';
import type { CodePlace } from '../../src/stalls/blame/stall-report.js';
import { type AskedAt, framesOfAsker, placeOfAsker, placeOfCaller } from './asked-at.js';
import { lockState } from './lock-state.js';
import type { WatchedLock } from './watched-lock.js';

/** Where a use can be. */
type State = 'waiting' | 'held' | 'over';

export interface UseOptions {
  readonly nowMs: number;
  readonly asked: AskedAt | undefined;
  /** The stretch of code that asked. */
  readonly stretch: number;
  /** Whether nobody else can have the lock at the same time. */
  readonly isExclusive: boolean;
  /** Whether a function that the lock calls has it, and not all that goes on from where it was asked for. */
  readonly isScoped: boolean;
}

/** One use of a lock; a call that does not fit its state does nothing, and none throws. */
export class LockUse {
  readonly lock: WatchedLock;
  readonly stretch: number;
  readonly isExclusive: boolean;
  readonly isScoped: boolean;
  /** When it was asked for, in monotonic milliseconds. */
  readonly askedMs: number;
  /** Whether it is what a `runExclusive` asked for by `acquire`. */
  isOfRun = false;
  /** What of a semaphore it has, and has not given back. */
  units = 1;
  #asked: AskedAt | undefined;
  #frames: readonly Frame[] | undefined;
  #state: State = 'waiting';
  #sinceMs: number;
  #keepsPlace = false;

  constructor(lock: WatchedLock, { nowMs, asked, stretch, isExclusive, isScoped }: UseOptions) {
    this.lock = lock;
    this.stretch = stretch;
    this.isExclusive = isExclusive;
    this.isScoped = isScoped;
    this.#asked = asked;
    this.askedMs = nowMs;
    this.#sinceMs = nowMs;
    lock.waiting.add(this);
  }

  get isWaiting(): boolean {
    return this.#state === 'waiting';
  }

  get isHeld(): boolean {
    return this.#state === 'held';
  }

  /** When it began to wait, or to hold the lock, in monotonic milliseconds. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Whether it is known which code asked. */
  get hasStack(): boolean {
    return this.#asked !== undefined || this.#frames !== undefined;
  }

  /** Reads the stack, which keeps all that stood on it until then; false where there was nothing to read. */
  readStack(): boolean {
    if (this.#asked === undefined) return false;
    this.#frames = framesOfAsker(this.#asked);
    // What is read once is not read again.
    this.#asked = undefined;
    return true;
  }

  /** The stack of the code that asked, without ours; empty where it is not known. */
  get frames(): readonly Frame[] {
    this.readStack();
    return this.#frames ?? [];
  }

  /** The application's own code that asked; undefined where it is not known. */
  get place(): CodePlace | undefined {
    return placeOfAsker(this.frames);
  }

  /** Who called that code; undefined where it is not known. */
  get caller(): CodePlace | undefined {
    return placeOfCaller(this.frames);
  }

  /** The place will be asked for when the use is over. */
  keepPlace(): void {
    this.#keepsPlace = true;
  }

  /** The lock was handed over. */
  granted(): void {
    if (this.#state !== 'waiting') return;
    const nowMs = systemClock.monotonicMs();
    const { waiting, held, named } = this.lock;
    this.#state = 'held';
    waiting.delete(this);
    held.add(this);
    if (this.isExclusive && held.size > 1) this.lock.isShared = true;
    named.waited(nowMs - this.#sinceMs);
    this.#sinceMs = nowMs;
    if (waiting.size > 0) for (const tell of lockState().contended) tell();
  }

  /** Whoever asked does not wait any more. */
  gaveUp(): void {
    if (this.#state !== 'waiting') return;
    this.lock.waiting.delete(this);
    this.#end();
  }

  /** The lock was given back. */
  released(): void {
    if (this.#state !== 'held') return;
    this.lock.named.wasHeld(systemClock.monotonicMs() - this.#sinceMs);
    this.forgotten();
  }

  /** It is not known how long it is held from now on. */
  forgotten(): void {
    if (this.#state !== 'held') return;
    this.lock.held.delete(this);
    this.#end();
  }

  #end(): void {
    this.#state = 'over';
    // A stack holds on to all that stood on it.
    if (!this.#keepsPlace) this.#asked = undefined;
    this.lock.ended();
  }
}
