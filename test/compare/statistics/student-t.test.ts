import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upperQuantile, upperTail } from '../../../src/compare/statistics/student-t.js';

// From the tables of every textbook.
const QUANTILES = [
  { tail: 0.025, df: 1, t: 12.7062 },
  { tail: 0.025, df: 2, t: 4.30265 },
  { tail: 0.025, df: 5, t: 2.57058 },
  { tail: 0.025, df: 10, t: 2.22814 },
  { tail: 0.025, df: 30, t: 2.04227 },
  { tail: 0.025, df: 1e6, t: 1.95997 },
  { tail: 0.005, df: 3, t: 5.84091 },
  { tail: 0.01, df: 4, t: 3.74695 },
  { tail: 0.05, df: 7, t: 1.89458 },
  { tail: 0.001, df: 6, t: 5.20763 },
];

test("quantiles of Student's t are those of the tables", () => {
  for (const { tail, df, t } of QUANTILES) {
    assert.ok(Math.abs(upperQuantile(tail, df) / t - 1) < 1e-5, `${upperQuantile(tail, df)} is not ${t}`);
    assert.ok(Math.abs(upperTail(t, df) / tail - 1) < 1e-4, `${upperTail(t, df)} is not ${tail}`);
  }
});

test('tails with one and two degrees of freedom are the closed forms', () => {
  for (const t of [-40, -3, -0.5, 0, 0.1, 1, 2, 7, 300]) {
    assert.ok(Math.abs(upperTail(t, 1) - (0.5 - Math.atan(t) / Math.PI)) < 1e-9);
    assert.ok(Math.abs(upperTail(t, 2) - (1 - t / Math.sqrt(2 + t ** 2)) / 2) < 1e-9);
  }
});

test('tails between whole degrees of freedom lie between theirs', () => {
  const tails = [2, 2.5, 3, 3.7, 4].map((df) => upperTail(3, df));
  assert.deepEqual(
    [...tails].sort((a, b) => b - a),
    tails,
  );
});

test('the lower half mirrors the upper one', () => {
  assert.ok(Math.abs(upperQuantile(0.9, 8) + upperQuantile(0.1, 8)) < 1e-9);
  assert.ok(Math.abs(upperTail(-1.3, 8) + upperTail(1.3, 8) - 1) < 1e-12);
});
