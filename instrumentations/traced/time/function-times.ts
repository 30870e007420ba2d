// Where the time of one function's calls went. What is not known exactly is split as in those of its calls that were measured.

/** So many measured calls make the ratio; older ones count half, and half again, so that it follows the function. */
const MEMORY_CALLS = 256;

/** Where the time of one call, or of the part of it that was measured, went; in milliseconds. */
export interface MeasuredTime {
  readonly wallMs: number;
  readonly idleMs: number;
  readonly ownMs: number;
  readonly offloadedMs: number;
}

/**
 * Sums over all calls of one function, in milliseconds. They only grow, and own + others + idle is the calls' duration as soon
 * as a call was measured; until then, time on the loop after a call's own first segment is held back.
 *
 * The estimate is a ratio of sums: of the time that the loop was busy after the first segments, so much was the function's
 * own in the measured calls. Windows at random times choose those without regard to what they do, so it has no bias but
 * that of long calls, of which only the beginning is seen.
 */
export class FunctionTimes {
  ownMs = 0;
  othersMs = 0;
  idleMs = 0;
  offloadedMs = 0;
  /** Calls that were suspended, and measured. */
  measuredCalls = 0;
  /** Busy time of the loop after first segments, not split yet. */
  #heldMs = 0;
  /** Time after first segments, of which it is not known yet how much was offloaded. */
  #heldAwayMs = 0;
  #weight = 0;
  #ownPart = 0;
  #busy = 0;
  #offloadedPart = 0;
  #away = 0;

  /** A call that ran from its start to its end. */
  addUninterrupted(wallMs: number): void {
    this.ownMs += wallMs;
  }

  /** A call, or a part of one, of which only `seenMs` is known to be its own. */
  addSeen(wallMs: number, seenMs: number, idleMs: number): void {
    const awayMs = Math.max(0, wallMs - seenMs);
    const idle = Math.min(idleMs, awayMs);
    this.ownMs += seenMs;
    this.idleMs += idle;
    this.#heldMs += awayMs - idle;
    this.#heldAwayMs += awayMs;
  }

  /** A call, or a part of one, whose time is known exactly. */
  addExact({ wallMs, idleMs, ownMs, offloadedMs }: MeasuredTime): void {
    this.ownMs += ownMs;
    this.idleMs += idleMs;
    this.othersMs += Math.max(0, wallMs - idleMs - ownMs);
    this.offloadedMs += offloadedMs;
  }

  /** What a measured call, whose first segment took `seenMs`, tells of the others. */
  learn({ wallMs, idleMs, ownMs, offloadedMs }: MeasuredTime, seenMs: number): void {
    this.measuredCalls++;
    if (this.#weight >= MEMORY_CALLS) {
      this.#weight /= 2;
      this.#ownPart /= 2;
      this.#busy /= 2;
      this.#offloadedPart /= 2;
      this.#away /= 2;
    }
    const awayMs = Math.max(0, wallMs - seenMs);
    this.#weight++;
    this.#ownPart += Math.max(0, ownMs - seenMs);
    this.#busy += Math.max(0, awayMs - idleMs);
    this.#offloadedPart += offloadedMs;
    this.#away += awayMs;
  }

  /** Forgets what was held back: whoever was to be told of it is gone. */
  drop(): void {
    this.#heldMs = 0;
    this.#heldAwayMs = 0;
  }

  /** Splits what was held back, where a call was measured; to be called before the sums are read. */
  settle(): void {
    if (this.#weight === 0) return;
    const ownMs = this.#heldMs * share(this.#ownPart, this.#busy);
    this.ownMs += ownMs;
    this.othersMs += this.#heldMs - ownMs;
    this.offloadedMs += this.#heldAwayMs * share(this.#offloadedPart, this.#away);
    this.#heldMs = 0;
    this.#heldAwayMs = 0;
  }
}

function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, part / whole) : 0;
}
