// The series of the locks of one name: one set for every recorder of the list, bound anew when the list changes.
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundHistogram, Recorder } from '../../src/recorder/recorder.js';
import { type BoundToSinks, bindToSinks } from '../../src/sink-series.js';
import { lockState } from './lock-state.js';
import { StackBudget } from './stack-budget.js';

/** The list of recorders that locks write to. */
export const LOCK_SINKS = 'locks';

/** Beyond this number of names a lock is `other`. */
const NAME_LIMIT = 100;
const OTHER = 'other';

interface BoundLock {
  readonly wait: BoundHistogram;
  readonly hold: BoundHistogram;
}

/** What the locks of one name record. */
export class NamedLocks {
  readonly name: string;
  /** How many monitors gave it to a lock. */
  givenTo = 0;
  /** Whether it is that of a place in the code as well. */
  isFound = false;
  /** How often the code that asks for one may be looked at. */
  readonly stacks = new StackBudget();
  readonly #series: BoundToSinks<BoundLock>;

  constructor(name: string) {
    this.name = name;
    this.#series = bindToSinks(LOCK_SINKS, (recorder) => bind(recorder, name), release);
  }

  /** Somebody waited, in milliseconds. */
  waited(durationMs: number): void {
    for (const { wait } of this.#series.bound()) wait.record(durationMs / 1000);
  }

  /** Somebody held one, in milliseconds. */
  wasHeld(durationMs: number): void {
    for (const { hold } of this.#series.bound()) hold.record(durationMs / 1000);
  }

  /** Brings the series in line with the recorders. */
  refresh(): void {
    this.#series.bound();
  }

  /** Takes the series out where no lock has the name any more. */
  endUnused(): void {
    const { named: byName } = lockState();
    if (this.isFound || this.givenTo > 0 || byName.get(this.name) !== this) return;
    byName.delete(this.name);
    this.#series.end();
  }
}

/** The locks of that name. */
export function namedLocks(name: string): NamedLocks {
  const { named: byName } = lockState();
  const bounded = byName.has(name) || byName.size < NAME_LIMIT ? name : OTHER;
  let named = byName.get(bounded);
  if (named === undefined) {
    named = new NamedLocks(bounded);
    byName.set(bounded, named);
  }
  return named;
}

/** Every name that a lock has had. */
export function allNamedLocks(): Iterable<NamedLocks> {
  return lockState().named.values();
}

function bind(recorder: Recorder, name: string): BoundLock {
  const attributes = { [ATTRIBUTES.lockName]: name };
  return {
    wait: recorder.histogram(METRICS.lockWaitDuration, attributes),
    hold: recorder.histogram(METRICS.lockHoldDuration, attributes),
  };
}

function release({ wait, hold }: BoundLock): void {
  wait.release();
  hold.release();
}
