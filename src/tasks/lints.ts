// What is odd about a task, after the warnings of tokio-console.
import type { Task, TaskLint } from './task.js';

/** A task that runs for longer in one stretch keeps everybody else waiting. */
export const NEVER_YIELDED_MS = 1000;

/** More than this share of wake-ups by itself is a task that yields and has nothing to wait for. */
export const OWN_WAKES_SHARE = 0.5;

/** With fewer wake-ups, that is chance. */
export const WAKES_NEEDED = 50;

/** A task that goes on for longer after the end of the one that made it is waited for by nobody. */
export const LOST_AFTER_MS = 10_000;

/** What lints look at. */
export type LintedTask = Pick<Task, 'state' | 'inStateMs' | 'wakes' | 'parent'>;

/** The lints of one task, the worst first. */
export function lintsOf(task: LintedTask): TaskLint[] {
  return LINTS.filter(([, check]) => check(task)).map(([lint]) => lint);
}

const LINTS: readonly (readonly [TaskLint, (task: LintedTask) => boolean])[] = [
  ['never_yielded', ({ state, inStateMs }) => state === 'running' && inStateMs > NEVER_YIELDED_MS],
  [
    'busy_yielding',
    ({ wakes }) => wakes !== undefined && wakes.all >= WAKES_NEEDED && wakes.own / wakes.all > OWN_WAKES_SHARE,
  ],
  ['lost', ({ state, parent }) => state !== 'running' && (parent?.endedMs ?? 0) > LOST_AFTER_MS],
];
