// How often the code that asks for a lock is looked at: always where it costs little, and no more than so often.
import assert from 'node:assert/strict';
import test from 'node:test';
import { StackBudget } from '../../instrumentations/locks/stack-budget.js';

/** How many stacks are taken when one is asked for every `everyMs`. */
function taken({ everyMs, forMs }: { readonly everyMs: number; readonly forMs: number }): number {
  const budget = new StackBudget();
  let count = 0;
  for (let nowMs = 1e9; nowMs < 1e9 + forMs; nowMs += everyMs) if (budget.take(nowMs)) count++;
  return count;
}

const CASES: readonly {
  readonly what: string;
  readonly everyMs: number;
  readonly forMs: number;
  readonly is: number;
}[] = [
  { what: 'a lock that is used 400 times a second: all', everyMs: 2.5, forMs: 10_000, is: 4000 },
  { what: 'one that is used 100,000 times a second: 500 a second, and 200', everyMs: 0.01, forMs: 2000, is: 1199 },
  { what: '200 at once: all', everyMs: 1e-4, forMs: 0.02, is: 200 },
];

for (const { what, everyMs, forMs, is } of CASES) {
  test(what, () => {
    const count = taken({ everyMs, forMs });
    assert.ok(Math.abs(count - is) <= 1, `${count} of ${is}`);
  });
}

test('it fills up again', () => {
  const budget = new StackBudget();
  const takeAll = (nowMs: number) => Array.from({ length: 300 }, () => budget.take(nowMs)).filter(Boolean).length;
  assert.deepEqual([takeAll(0), takeAll(0), takeAll(100), takeAll(60_000)], [200, 0, 50, 200]);
});
