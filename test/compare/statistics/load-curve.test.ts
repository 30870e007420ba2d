import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitLoadCurve } from '../../../src/compare/statistics/load-curve.js';
import type { Point } from '../../../src/compare/statistics/points.js';

/** A day of two instances that differ by 1, whose load swings between -1 and 1. */
function pointsOf(level: (load: number) => number): Point[] {
  return ['a', 'b'].flatMap((instance, offset) =>
    Array.from({ length: 288 }, (_, index) => {
      const load = Math.sin((2 * Math.PI * index) / 288) + 0.01 * Math.sin(index * 7.3);
      return { instance, startS: index * 300, load, level: level(load) + offset };
    }),
  );
}

test('the curve is what the points follow within an instance, bent or not', () => {
  for (const law of [() => 3, (x: number) => 0.7 * x, (x: number) => x + 0.5 * x ** 2]) {
    const curve = fitLoadCurve(pointsOf(law), true);
    for (const load of [-0.9, -0.3, 0, 0.5, 0.9]) {
      assert.ok(Math.abs(curve.at(load) - curve.at(0) - (law(load) - law(0))) < 1e-3);
    }
  }
});

test('outside the loads that were seen it goes straight on', () => {
  const curve = fitLoadCurve(
    pointsOf((x) => x ** 2),
    true,
  );
  const [near, far] = [curve.at(2) - curve.at(1.5), curve.at(3) - curve.at(2.5)];
  assert.ok(Math.abs(near - far) < 1e-9);
});

test('waits are only judged at loads that were seen, costs beyond them too, the farther the more was seen', () => {
  const points = pointsOf((x) => x ** 2);
  const hour = points.filter(({ startS }) => startS < 3600);
  const cases = [
    { curve: fitLoadCurve(points, true), covered: [-1, 0.9, 1.05], not: [1.2, -1.2] },
    { curve: fitLoadCurve(points, false), covered: [1.2, 2], not: [2.5] },
    { curve: fitLoadCurve(hour, false), covered: [0.1, 0.4], not: [1.2] },
  ];
  for (const { curve, covered, not } of cases) {
    for (const load of covered) assert.equal(curve.covers(load), true, `${load} is covered`);
    for (const load of not) assert.equal(curve.covers(load), false, `${load} is not covered`);
  }
});

test('a cost that is spread over more requests falls with 1 / load, beyond the loads that were seen too', () => {
  const law = (load: number) => 0.3 * Math.exp(-load);
  const curve = fitLoadCurve(pointsOf(law), false);
  for (const load of [-0.9, 0, 0.9, 1.5, 3]) {
    assert.ok(Math.abs(curve.at(load) - curve.at(0) - (law(load) - law(0))) < 1e-3);
  }
});

test('what hardly follows the load is flat as long as there is little', () => {
  const hour = pointsOf((x) => x).filter(({ startS }) => startS < 3600);
  assert.equal(fitLoadCurve(hour, false).at(5), 0);
  assert.notEqual(fitLoadCurve(hour, true).at(5), 0);
});

test('how uncertain it is grows with the distance of the loads', () => {
  let seed = 1;
  const noise = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  const curve = fitLoadCurve(
    pointsOf((x) => x + noise()),
    true,
  );
  assert.equal(curve.varianceBetween([0.2, 0.4], [0.4, 0.2]), 0);
  const [near, far] = [curve.varianceBetween([0.1], [0]), curve.varianceBetween([0.8], [0])];
  assert.ok(near > 0 && near < far);
  // 576 points with the variance 1/12 around a line: about 0.8² / 12 / 288, and the parabola's part.
  assert.ok(far > 1e-4 && far < 1e-3, `${far}`);
  assert.ok(Math.abs(curve.at(0.8) - curve.at(0) - 0.8) < 4 * Math.sqrt(far));
});

test('without a load that moves, another load cannot be judged', () => {
  const flat = pointsOf(() => 1).map((point) => ({ ...point, load: 0 }));
  const curve = fitLoadCurve(flat, true);
  assert.equal(curve.at(0), 0);
  assert.equal(curve.covers(0.4), false);
});
