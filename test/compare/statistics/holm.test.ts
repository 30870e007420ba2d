import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adjustByHolm } from '../../../src/compare/statistics/holm.js';
import { errorOfLook } from '../../../src/compare/statistics/looks.js';

const EQUAL = [
  { p: [0.01, 0.04, 0.03, 0.005], adjusted: [0.03, 0.06, 0.06, 0.02] },
  { p: [0.01, 0.02, 0.03], adjusted: [0.03, 0.04, 0.04] },
  { p: [0.5, 0.6], adjusted: [1, 1] },
  { p: [0.04], adjusted: [0.04] },
  { p: [], adjusted: [] },
];

test('equal weights give the method of 1979', () => {
  for (const { p, adjusted } of EQUAL) {
    assertClose(adjustByHolm(p.map((value) => ({ p: value, weight: 1 }))), adjusted);
  }
});

test('a heavier test pays less, and the scale of the weights says nothing', () => {
  // 0.01 is held against half of the error, 0.01 again against what is left of it: half of the rest each.
  const tests = [
    { p: 0.01, weight: 2 },
    { p: 0.01, weight: 1 },
    { p: 0.3, weight: 1 },
  ];
  assertClose(adjustByHolm(tests), [0.02, 0.02, 0.3]);
  assertClose(adjustByHolm(tests.map(({ p, weight }) => ({ p, weight: weight * 7 }))), [0.02, 0.02, 0.3]);
});

test('the looks together spend the error rate, the last one most of it', () => {
  const shares = [1, 2, 3, 4].map((number) => errorOfLook(0.02, { number, of: 4 }));
  assertClose([shares.reduce((sum, share) => sum + share, 0)], [0.02]);
  assert.deepEqual(
    [...shares].sort((a, b) => a - b),
    shares,
  );
  assert.equal(errorOfLook(0.02, { number: 1, of: 1 }), 0.02);
});

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, index) => {
    assert.ok(Math.abs(value - (expected[index] ?? Number.NaN)) < 1e-9, `${actual} is not ${expected}`);
  });
}
