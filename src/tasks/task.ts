// What `loopsight tasks` says: the traced calls that are under way, as tasks.
import type { CodePlace } from '../stalls/blame/stall-report.js';

/**
 * What a task does: `running` runs JavaScript or a call from it at this moment; `waiting` is suspended; `pending` is one
 * that has been suspended before and was not measured, so that it waits or runs again.
 */
export type TaskState = 'running' | 'waiting' | 'pending';

/**
 * What is odd about a task: `never_yielded` has run for more than a second in one stretch; `busy_yielding` is woken by
 * itself more often than by anything else; `lost` has been pending for long while the task that made it has ended.
 */
export type TaskLint = 'never_yielded' | 'busy_yielding' | 'lost';

/** One traced call that is under way; times in milliseconds. */
export interface Task {
  /** Tells it from others of the same name; never used again for long. */
  readonly id: number;
  /** The name of the function, as in `code.function.name`. */
  readonly name: string;
  readonly state: TaskState;
  readonly ageMs: number;
  /** How long it has run, or waited, since it last began to. */
  readonly inStateMs: number;
  /** Whether its time was followed exactly; otherwise only its first stretch is known to be its own. */
  readonly isMeasured: boolean;
  /** Time of its own on the loop so far: at least this, where it was not measured. */
  readonly ownMs: number;
  /** Time in which the loop was busy with something else; undefined where it was not measured. */
  readonly othersMs?: number;
  /** Time in which the loop slept; undefined where that is not known. */
  readonly idleMs?: number;
  /** Time that its work has been with threads and processes, beside the others. */
  readonly offloadedMs?: number;
  /** The task that made it; `id` is undefined once it has ended. */
  readonly parent?: { readonly id?: number; readonly name: string; readonly endedMs?: number };
  /** Where its newest promise was made, which is where it waits. */
  readonly where?: CodePlace;
  /** How often it was resumed, and how often by itself; where it was measured. */
  readonly wakes?: { readonly all: number; readonly own: number };
  readonly lints: readonly TaskLint[];
}

/** The tasks of one process at one moment; the oldest one comes first. */
export interface Tasks {
  readonly pid: number;
  readonly unixMs: number;
  /** Whether traced calls are followed in that process. */
  readonly isOn: boolean;
  /** How long the main loop has not turned, in milliseconds; 0 while it turns. */
  readonly blockedMs: number;
  readonly tasks: readonly Task[];
  /** Calls under way beside them, for which there was no room. */
  readonly hidden: number;
  /** Why it was not noted where they wait, where that was asked for: the main loop is held, or nothing is measured there. */
  readonly noPlaces?: 'held' | 'off';
}
