// What is odd about a task, at both sides of each limit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LintedTask, LOST_AFTER_MS, lintsOf, NEVER_YIELDED_MS, WAKES_NEEDED } from '../../src/tasks/lints.js';

const waiting: LintedTask = { state: 'waiting', inStateMs: 5 };
const orphan = (endedMs: number) => ({ parent: { name: 'parent', endedMs } });

const CASES: readonly (readonly [title: string, task: LintedTask, lints: readonly string[]])[] = [
  ['an ordinary one', waiting, []],
  ['one that has run for a second', { state: 'running', inStateMs: NEVER_YIELDED_MS }, []],
  ['one that has run for longer', { state: 'running', inStateMs: NEVER_YIELDED_MS + 1 }, ['never_yielded']],
  ['one that has waited for long', { state: 'waiting', inStateMs: 60_000 }, []],
  ['one that wakes itself now and then', { ...waiting, wakes: { all: WAKES_NEEDED, own: WAKES_NEEDED / 2 } }, []],
  ['one that mostly wakes itself', { ...waiting, wakes: { all: WAKES_NEEDED, own: 26 } }, ['busy_yielding']],
  ['one with few wake-ups', { ...waiting, wakes: { all: WAKES_NEEDED - 1, own: WAKES_NEEDED - 1 } }, []],
  ['one whose parent lasts', { ...waiting, parent: { id: 7, name: 'parent' } }, []],
  ['one whose parent has just ended', { ...waiting, ...orphan(LOST_AFTER_MS) }, []],
  ['one whose parent has ended long ago', { ...waiting, ...orphan(LOST_AFTER_MS + 1) }, ['lost']],
  ['one that is not measured and lost', { state: 'pending', inStateMs: 5, ...orphan(60_000) }, ['lost']],
  ['one that runs after its parent has ended', { state: 'running', inStateMs: 5, ...orphan(60_000) }, []],
];

for (const [title, task, lints] of CASES) {
  test(`${title} has ${lints.length === 0 ? 'no lint' : lints.join(', ')}`, () => {
    assert.deepEqual(lintsOf(task), lints);
  });
}
