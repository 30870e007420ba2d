// One call that is measured: what ran for it, and what it handed over, those that it made included while it is open.
import type { MeasurableCall, MeasuredCall } from '../../../src/call-times.js';

/** What a call needs of whoever measures it. */
export interface Measuring {
  enter(call: OpenCall): void;
  leave(call: OpenCall): void;
  end(call: OpenCall, nowMs: number): void;
  tell(call: OpenCall, wallMs: number, idleMs: number): void;
}

/** A measured call. Its sums are in milliseconds; whoever measures it writes them. */
export class OpenCall implements MeasuredCall {
  ownMs = 0;
  offloadedMs = 0;
  isOpen = true;
  /** Whether anything asynchronous is known to be its own. */
  hasResources = false;
  /** What was running when it was entered. */
  outer: OpenCall | undefined;
  /** The turn in which it was last told to have woken up. */
  lastTurn = -1;
  readonly call: MeasurableCall;
  parent: OpenCall | undefined;
  /** Its number among the calls of the window, from 1 on. */
  readonly place: number;
  readonly livePlace: number;
  readonly #measuring: Measuring;
  #offloads = 0;
  #offloadSinceMs = 0;
  #coveredUntilMs = Number.NEGATIVE_INFINITY;

  constructor(measuring: Measuring, call: MeasurableCall, parent: OpenCall | undefined, place: number) {
    this.#measuring = measuring;
    this.call = call;
    this.parent = parent;
    this.place = place;
    this.livePlace = call.livePlace;
  }

  enter(): void {
    this.#measuring.enter(this);
  }

  leave(): void {
    this.#measuring.leave(this);
  }

  end(nowMs: number): void {
    this.#measuring.end(this, nowMs);
  }

  tell(wallMs: number, idleMs: number): void {
    this.#measuring.tell(this, wallMs, idleMs);
  }

  /** The nearest of the calls around it that is still open; those that have ended are let go, or an endless chain would grow. */
  around(): OpenCall | undefined {
    if (this.parent?.isOpen === false) this.parent = nearestOpen(this.parent);
    return this.parent;
  }

  /** A piece of work was handed over at `sinceMs`. */
  offload(sinceMs: number): void {
    if (this.#offloads++ === 0) this.#offloadSinceMs = Math.max(sinceMs, this.#coveredUntilMs);
  }

  /** One of them came back. */
  takeBack(nowMs: number): void {
    if (this.#offloads === 0 || --this.#offloads > 0) return;
    this.#cover(this.#offloadSinceMs, nowMs);
  }

  /** A piece of work came back of which nothing was known before. */
  wasOffloaded(sinceMs: number, nowMs: number): void {
    // Where others are still away, the time is counted with them.
    if (this.#offloads > 0)
      this.#offloadSinceMs = Math.min(this.#offloadSinceMs, Math.max(sinceMs, this.#coveredUntilMs));
    else this.#cover(Math.max(sinceMs, this.#coveredUntilMs), nowMs);
  }

  /** What is still away counts up to now. */
  close(nowMs: number): void {
    this.isOpen = false;
    if (this.#offloads > 0) this.#cover(this.#offloadSinceMs, nowMs);
    this.#offloads = 0;
  }

  #cover(sinceMs: number, nowMs: number): void {
    this.offloadedMs += Math.max(0, nowMs - sinceMs);
    this.#coveredUntilMs = nowMs;
  }
}

/** The nearest of a call and those around it that is still open: what an ended call left behind belongs to it. */
export function nearestOpen(call: OpenCall | undefined): OpenCall | undefined {
  let nearest = call;
  while (nearest !== undefined && !nearest.isOpen) nearest = nearest.parent;
  return nearest;
}
