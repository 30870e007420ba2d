import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driftBetween, driftOf } from '../../../src/compare/statistics/drift.js';
import { spreadOfFleets } from '../../../src/compare/statistics/fleets.js';
import type { LoadCurve } from '../../../src/compare/statistics/load-curve.js';
import type { Point } from '../../../src/compare/statistics/points.js';
import { type InstanceMeans, spreadWithin } from '../../../src/compare/statistics/windows.js';

const window = (means: Record<string, number>): InstanceMeans => new Map(Object.entries(means));

test('drift is what the same instances share from window to window', () => {
  const windows = [window({ a: 0, b: 1 }), window({ a: 0.2, b: 1 }), window({ c: 9 }), window({ c: 9.3 })];
  const drift = driftOf(windows, 1);
  assert.deepEqual(
    drift?.differences.map((value) => Number(value.toFixed(6))),
    [0.1, 0.3],
  );
  assert.ok(Math.abs((drift?.variance ?? 0) - 0.05) < 1e-9);
  // Only the first difference is of two instances: 0.2 and 0 have the variance 0.02, their mean half of it.
  assert.ok(Math.abs((drift?.ownVariance ?? 0) - 0.01) < 1e-9);
});

test('windows that share no instance say nothing', () => {
  assert.equal(driftOf([window({ a: 0 }), window({ b: 1 })], 1), undefined);
  assert.equal(driftOf([window({ a: 0 })], 1), undefined);
  assert.equal(driftOf([], 1), undefined);
});

test('far apart windows have fewer independent differences', () => {
  const windows = Array.from({ length: 12 }, (_, index) => window({ a: index % 3 }));
  assert.equal(driftOf(windows, 1)?.df, 11 / 1.5);
  assert.equal(driftOf(windows, 4)?.df, 2);
});

test('a fleet has as many instances as it has, however long it lives', () => {
  const first = { a: 0, b: 2 };
  const second = { c: 5, d: 9, e: 7 };
  const spread = spreadOfFleets(
    [window(first), window(first), window(first), window(second), window(second)],
    new Set(),
  );
  assert.deepEqual(spread, { squares: 2 + 8, df: 1 + 2 });
});

test('instances that are compared are no part of the past', () => {
  assert.deepEqual(spreadOfFleets([window({ a: 0, b: 2 })], new Set(['a'])), { squares: 0, df: 0 });
});

test('spread is taken within groups, not between them', () => {
  assert.deepEqual(spreadWithin([window({ a: 0, b: 2 }), window({ c: 100 }), window({ d: 7, e: 7 })]), {
    squares: 2,
    df: 2,
  });
});

const FLAT: LoadCurve = { at: () => 0, covers: () => true, varianceBetween: () => 0 };
const pointsOf = (count: number, level: (index: number) => number): Point[] =>
  Array.from({ length: count }, (_, index) => ({ instance: 'a', startS: index * 60, load: 0, level: level(index) }));

test('without history the drift is concluded from the baseline, as of a random walk', () => {
  // Windows of ten minutes that differ by 0.1 each time; an hour is six of them away.
  const baseline = pointsOf(60, (index) => (Math.floor(index / 10) % 2) * 0.1);
  const drift = driftBetween([], baseline, FLAT, { lengthS: 3600, apartS: 3600, blockS: 60 });
  assert.equal(drift?.isExtrapolated, true);
  assert.ok(Math.abs((drift?.variance ?? 0) - 6 * 0.01) < 1e-9);
  assert.equal(
    driftBetween(
      [],
      pointsOf(4, () => 0),
      FLAT,
      { lengthS: 3600, apartS: 3600, blockS: 60 },
    ),
    undefined,
  );
});

test('a short history with a gap is cut into shorter windows', () => {
  const early = pointsOf(200, (index) => (Math.floor(index / 10) % 2) * 0.1).filter(
    ({ startS }) => startS < 4800 || startS > 7800,
  );
  const baseline = pointsOf(60, () => 0.05).map((point) => ({ ...point, startS: point.startS + 12_600 }));
  const drift = driftBetween(early, baseline, FLAT, { lengthS: 3600, apartS: 3600, blockS: 60 });
  assert.equal(drift?.isExtrapolated, true);
  assert.ok((drift?.differences.length ?? 0) >= 5);
});

test('with history it is that of windows alike', () => {
  const past = pointsOf(600, (index) => (Math.floor(index / 60) % 2) * 0.1);
  const drift = driftBetween(past, [], FLAT, { lengthS: 3600, apartS: 3600, blockS: 60 });
  assert.equal(drift?.isExtrapolated, false);
  assert.equal(drift?.differences.length, 9);
  assert.ok(Math.abs((drift?.variance ?? 0) - 0.01) < 1e-9);
});
