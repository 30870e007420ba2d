// Where the time of one call goes. Two readings of the clock and of the loop's idle time more than its duration takes, where the
// call is suspended; what ran before that is its own, and the rest is estimated unless the call is measured.
import type { CallTimes, MeasurableCall, MeasuredCall } from '../../../src/call-times.js';
import { ATTRIBUTES } from '../../../src/metric-names.js';
import type { FunctionTimes, MeasuredTime } from './function-times.js';
import { loopIdleAt } from './loop-idle.js';

/** The span of a shorter call says nothing unless it was measured: there is too little time to ask where it went. In milliseconds. */
const LEAST_MS = 1;

/** What is known of a call at its end. */
interface CallEnd {
  readonly seenMs: number;
  readonly idleMs: number;
  /** Where its time went, where that is known. */
  readonly exact: MeasuredTime | undefined;
}

/** What is needed of a span. */
interface WritableSpan {
  setAttribute(key: string, value: number): unknown;
}

/**
 * The time of one call, in milliseconds. Fields that hold a number cost an allocation each, so those that few calls need are
 * only set by them.
 */
export class CallTime {
  readonly #times: CallTimes;
  readonly #function: FunctionTimes;
  readonly #startIdleMs: number;
  readonly measured: MeasuredCall | undefined;
  #seenMs = 0;
  #isSuspended = false;
  #isStepwise = false;
  /** What was measured of it before it was cut. */
  #part: MeasuredTime | undefined;
  #end: CallEnd | undefined;

  /** A call that starts when the loop had been idle for `loopIdleMs` in all. */
  constructor(times: CallTimes, functionTimes: FunctionTimes, loopIdleMs: number, call: MeasurableCall) {
    this.#times = times;
    this.#function = functionTimes;
    this.#startIdleMs = loopIdleMs;
    this.measured = times.begin(call);
  }

  /** Time in its first segment, or, of a generator, in all segments that its caller ran. */
  get seenMs(): number {
    return this.#seenMs;
  }

  /** The call waits, after a segment of `ranMs`: what runs from now on is not seen. */
  suspend(ranMs: number): void {
    this.#seenMs += ranMs;
    this.#isSuspended = true;
    if (this.measured === undefined) this.#times.suspended();
  }

  /** A generator gave a value after a segment of `ranMs`: its caller runs the next one as well. */
  pause(ranMs: number): void {
    this.#seenMs += ranMs;
    this.#isStepwise = true;
  }

  /** Measuring ended before the call, which has lasted for `wallMs`. */
  cut(wallMs: number, loopIdleMs: number): void {
    const { measured } = this;
    if (measured === undefined) return;
    const part = exactly(wallMs, loopIdleMs - this.#startIdleMs, measured);
    this.#part = part;
    if (this.#isSuspended) this.#function.learn(part, this.#seenMs);
    measured.tell(wallMs, part.idleMs);
  }

  /**
   * The call is over, after `wallMs`, of which the last `ranMs` were a segment that its caller ran. `isDescribed` where
   * `describe` will follow; `loopIdleMs` is how long the loop had been idle by then, where that was not now.
   */
  end(wallMs: number, ranMs: number, nowMs: number, isDescribed: boolean, loopIdleMs?: number): void {
    const { measured } = this;
    measured?.end(nowMs);
    if (!this.#isSuspended && !this.#isStepwise) {
      this.#function.addUninterrupted(wallMs);
      // Of one that was cut it has been told.
      if (this.#part === undefined) measured?.tell(wallMs, 0);
      return;
    }
    const seenMs = Math.min(this.#isSuspended ? this.#seenMs : this.#seenMs + ranMs, wallMs);
    const idleMs = clamp((loopIdleMs ?? loopIdleAt(nowMs)) - this.#startIdleMs, wallMs - seenMs);
    const exact = this.#account(wallMs, seenMs, idleMs);
    if (isDescribed && (exact !== undefined || wallMs >= LEAST_MS)) this.#end = { seenMs, idleMs, exact };
  }

  /** Says on its span, once it is over, where its time went, in seconds: exactly, or what is known of it. */
  describe(span: WritableSpan): void {
    if (this.#end === undefined) return;
    const { seenMs, idleMs, exact } = this.#end;
    if (exact !== undefined) {
      span.setAttribute(ATTRIBUTES.timeOwn, seconds(exact.ownMs));
      span.setAttribute(ATTRIBUTES.timeOthers, seconds(Math.max(0, exact.wallMs - exact.idleMs - exact.ownMs)));
      span.setAttribute(ATTRIBUTES.timeIdle, seconds(exact.idleMs));
      if (exact.offloadedMs > 0) span.setAttribute(ATTRIBUTES.timeOffloaded, seconds(exact.offloadedMs));
    } else {
      span.setAttribute(ATTRIBUTES.timeIdle, seconds(idleMs));
      span.setAttribute(ATTRIBUTES.timeFirstSegment, seconds(seenMs));
    }
  }

  // Returns what is known exactly.
  #account(wallMs: number, seenMs: number, idleMs: number): MeasuredTime | undefined {
    const { measured } = this;
    const part = this.#part;
    if (part !== undefined) {
      if (!this.#isSuspended) {
        // All steps of a generator were seen, those after the cut as well.
        const ownMs = clamp(Math.max(seenMs, part.ownMs), wallMs);
        const { offloadedMs } = part;
        this.#function.addExact({ wallMs, ownMs, idleMs: clamp(idleMs, wallMs - ownMs), offloadedMs });
        return undefined;
      }
      this.#function.addExact(part);
      this.#function.addSeen(wallMs - part.wallMs, 0, Math.max(0, idleMs - part.idleMs));
      return undefined;
    }
    if (measured !== undefined) {
      const exact = exactly(wallMs, idleMs, measured);
      this.#function.addExact(exact);
      if (this.#isSuspended) this.#function.learn(exact, seenMs);
      measured.tell(wallMs, exact.idleMs);
      return exact;
    }
    if (this.#isSuspended) {
      this.#function.addSeen(wallMs, seenMs, idleMs);
      return undefined;
    }
    const exact = { wallMs, idleMs, ownMs: seenMs, offloadedMs: 0 };
    this.#function.addExact(exact);
    return exact;
  }
}

// The clocks of the loop and of the segments are read at slightly different moments.
function exactly(wallMs: number, idleMs: number, { ownMs, offloadedMs }: MeasuredCall): MeasuredTime {
  const own = clamp(ownMs, wallMs);
  return { wallMs, ownMs: own, idleMs: clamp(idleMs, wallMs - own), offloadedMs: clamp(offloadedMs, wallMs) };
}

function clamp(ms: number, upToMs: number): number {
  return Math.max(0, Math.min(ms, upToMs));
}

function seconds(ms: number): number {
  return Math.round(ms * 1000) / 1e6;
}
