// Tasks in the order in which they came, and since when each is there: exact at first, then bounded in memory.
import type { ExemplarSpan } from '../../src/recorder/exemplars.js';

/** Up to this many marks every task has one of its own. */
export const EXACT_MARKS = 8192;
/** There are never more marks than this; a mark takes about 72 bytes. */
export const MOST_MARKS = 65_536;

/** One moment at which tasks joined a line: a single task, or in a very long line several that came close together. */
export interface Mark {
  readonly atMs: number;
  /** Tasks of this mark that are still in the line; 0 once the mark has left it. */
  tasks: number;
  previous: Mark | undefined;
  next: Mark | undefined;
  /** The span that its first task belongs to. */
  readonly span: ExemplarSpan | undefined;
}

/**
 * A line that tasks join at the end and leave from anywhere, each in constant time. Its size is always exact. Beyond
 * EXACT_MARKS a task shares the last mark if it came within 1/EXACT_MARKS of the line's time span of it, so that the
 * error of an age is at most that share of the span; at MOST_MARKS every task does.
 */
export class TaskLine {
  #first: Mark | undefined;
  #last: Mark | undefined;
  #marks = 0;
  #size = 0;

  /** Tasks in the line. */
  get size(): number {
    return this.#size;
  }

  /** Marks in the line. */
  get marks(): number {
    return this.#marks;
  }

  /** When the oldest task joined, in milliseconds; NaN when the line is empty. */
  get oldestMs(): number {
    return this.#first === undefined ? Number.NaN : this.#first.atMs;
  }

  /** The span that the oldest task belongs to, where it has one. */
  get oldestSpan(): ExemplarSpan | undefined {
    return this.#first?.span;
  }

  /** A task joins the end of the line. */
  join(atMs: number, span?: ExemplarSpan): Mark {
    this.#size++;
    const last = this.#last;
    if (last !== undefined && this.#marks >= EXACT_MARKS && this.#shares(last, atMs)) {
      last.tasks++;
      return last;
    }
    const mark: Mark = { atMs, tasks: 1, previous: last, next: undefined, span };
    if (last === undefined) this.#first = mark;
    else last.next = mark;
    this.#last = mark;
    this.#marks++;
    return mark;
  }

  /** One task of `mark` leaves; false when none of its tasks is in the line any more. */
  leave(mark: Mark): boolean {
    if (mark.tasks === 0) return false;
    this.#size--;
    if (--mark.tasks > 0) return true;
    this.#marks--;
    const { previous, next } = mark;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    // A task object of the application may keep the mark for long; it must not keep its neighbours.
    mark.previous = undefined;
    mark.next = undefined;
    return true;
  }

  /** The oldest task leaves; returns when it joined, in milliseconds, NaN when the line was empty. */
  shift(): number {
    const first = this.#first;
    if (first === undefined) return Number.NaN;
    this.leave(first);
    return first.atMs;
  }

  #shares(last: Mark, atMs: number): boolean {
    if (this.#marks >= MOST_MARKS) return true;
    return atMs - last.atMs <= (last.atMs - this.oldestMs) / EXACT_MARKS;
  }
}
