import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Increase } from '../../../src/compare/observations.js';
import { addIncreases, countOf, quantileOfIncrease, shareAbove } from '../../../src/compare/statistics/increase.js';

const BOUNDS = [0.01, 0.1, 1];
const of = (...counts: number[]): Increase => ({ bounds: BOUNDS, counts, sum: undefined });

test('quantiles lie on a logarithmic scale between the bounds', () => {
  const cases = [
    { increase: of(0, 10, 0, 0), q: 0.5, value: Math.sqrt(0.001) },
    { increase: of(0, 10, 0, 0), q: 1, value: 0.1 },
    { increase: of(90, 10, 0, 0), q: 0.9, value: 0.01 },
    { increase: of(90, 0, 10, 0), q: 0.95, value: Math.sqrt(0.1) },
    { increase: of(10, 0, 0, 0), q: 0.5, value: 0.005 },
    { increase: of(1, 0, 0, 9), q: 0.5, value: 1 },
    { increase: of(0, 0, 0, 0), q: 0.5, value: undefined },
  ];
  for (const { increase, q, value } of cases) {
    const found = quantileOfIncrease(increase, q);
    if (value === undefined) assert.equal(found, undefined);
    else assert.ok(Math.abs((found ?? 0) - value) < 1e-12, `${found} is not ${value}`);
  }
});

test('the share above a bound needs a bucket that ends there', () => {
  assert.equal(shareAbove(of(90, 5, 4, 1), 0.1), 0.05);
  assert.equal(shareAbove(of(90, 5, 4, 1), 1), 0.01);
  assert.equal(shareAbove(of(90, 5, 4, 1), 0.05), undefined);
  assert.equal(shareAbove(of(0, 0, 0, 0), 0.1), undefined);
});

test('increases with the same bounds add up, others do not', () => {
  const sum = addIncreases({ ...of(1, 2, 3, 4), sum: 2 }, { ...of(1, 0, 0, 1), sum: 3 });
  assert.deepEqual(sum, { bounds: BOUNDS, counts: [2, 2, 3, 5], sum: 5 });
  assert.equal(countOf(of(1, 2, 3, 4)), 10);
  assert.equal(addIncreases(of(1, 0, 0, 0), { bounds: [1], counts: [1, 0], sum: undefined }), undefined);
  assert.equal(addIncreases({ ...of(1, 0, 0, 0), sum: 1 }, of(1, 0, 0, 0))?.sum, undefined);
});
