import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Design } from '../../../src/compare/statistics/design.js';
import { differenceOf, type EffectInput, estimateEffect } from '../../../src/compare/statistics/effect.js';
import type { LoadCurve } from '../../../src/compare/statistics/load-curve.js';
import { fades, isAmong, isUsual, laterHalf } from '../../../src/compare/statistics/objections.js';
import type { Point } from '../../../src/compare/statistics/points.js';

const FLAT: LoadCurve = { at: () => 0, covers: () => true, varianceBetween: () => 0 };
const BLOCK_S = 60;
const WINDOW_S = 300;

/** Five blocks of each instance, all at its level. */
function windowOf(levels: Readonly<Record<string, number>>, fromS: number, load = 0): Point[] {
  return Object.entries(levels).flatMap(([instance, level]) =>
    Array.from({ length: WINDOW_S / BLOCK_S }, (_, index) => ({
      instance,
      startS: fromS + index * BLOCK_S,
      load,
      level,
    })),
  );
}

/** Twenty windows before the baseline, in turn at `levels` and all of them 0.1 higher. */
function pastOf(levels: Readonly<Record<string, number>>): Point[] {
  return Array.from({ length: 20 }, (_, index) => {
    const lifted = Object.entries(levels).map(([instance, level]) => [instance, level + (index % 2) * 0.1] as const);
    return windowOf(Object.fromEntries(lifted), (index - 21) * WINDOW_S);
  }).flat();
}

function inputOf(design: Design, changes: Partial<EffectInput> = {}): EffectInput {
  const baseline = windowOf({ a: 0, b: 0.2 }, design === 'concurrent' ? 0 : -WINDOW_S);
  const candidate = windowOf(design === 'paired' ? { a: 0.9, b: 1.3 } : { c: 1, d: 1.2 }, 0);
  return { design, baseline, candidate, past: pastOf({ p: 7 }), curve: FLAT, blockS: BLOCK_S, ...changes };
}

const CASES: { name: string; input: EffectInput; variance: number; df: number }[] = [
  // Two instances a side with the variance 0.02 each: 0.02 (1/2 + 1/2), 2 degrees of freedom.
  { name: 'concurrent', input: inputOf('concurrent', { past: [] }), variance: 0.02, df: 2 },
  // All move by 0.1 from window to window: 0.01 more.
  {
    name: 'sequential',
    input: inputOf('sequential'),
    variance: 0.03,
    df: 0.03 ** 2 / (0.02 ** 2 / 2 + 0.01 ** 2 / (19 / 1.5)),
  },
  // The differences are 0.9 and 1.1: their variance is 0.02, that of their mean half of it.
  {
    name: 'paired',
    input: inputOf('paired'),
    variance: 0.02,
    df: 0.02 ** 2 / (0.01 ** 2 / 1 + 0.01 ** 2 / (19 / 1.5)),
  },
  // An earlier fleet with the variance 0.08 gives one more degree of freedom: (2 · 0.02 + 0.08) / 3.
  { name: 'with a fleet', input: inputOf('concurrent', { past: pastOf({ p: 7, q: 7.4 }) }), variance: 0.04, df: 3 },
];

for (const { name, input, variance, df } of CASES) {
  test(`the uncertainty, ${name}`, () => {
    const effect = estimateEffect(input);
    assert.ok(Math.abs((effect?.value ?? 0) - 1) < 1e-9);
    assert.ok(Math.abs((effect?.error ?? 0) ** 2 - variance) < 1e-9, `${effect?.error} ** 2 is not ${variance}`);
    assert.ok(Math.abs((effect?.df ?? 0) - df) < 1e-6, `${effect?.df} is not ${df}`);
  });
}

test('what instances wander each for itself counts once', () => {
  // Each of the two moves alone, in turn: the difference of the mean is 0.05 each time, all of it their own.
  const past = Array.from({ length: 20 }, (_, index) =>
    windowOf(
      { p: Math.floor(index / 2) % 2 === 0 ? 0 : 0.1, q: Math.floor((index + 1) / 2) % 2 === 0 ? 0 : 0.1 },
      (index - 21) * WINDOW_S,
    ),
  ).flat();
  const effect = estimateEffect(inputOf('sequential', { past }));
  assert.ok(Math.abs((effect?.drift?.variance ?? 0) - 0.0025) < 1e-9);
  assert.ok(Math.abs((effect?.drift?.ownVariance ?? 0) - 0.0025) < 1e-9);
  // The fleet of the past lies 0.1 apart in half of its windows.
  const instances = (0.04 + 0.0025) / 3;
  assert.ok(Math.abs((effect?.error ?? 0) ** 2 - instances) < 1e-9);
});

test('the load is taken out before anything is compared, and its uncertainty is added', () => {
  const curve: LoadCurve = { at: (load) => 2 * load, covers: () => true, varianceBetween: () => 0.05 };
  const effect = estimateEffect(
    inputOf('concurrent', { candidate: windowOf({ c: 1, d: 1.2 }, 0, 0.4), past: [], curve }),
  );
  assert.ok(Math.abs((effect?.value ?? 0) - 0.2) < 1e-9);
  assert.ok(Math.abs((effect?.error ?? 0) ** 2 - 0.07) < 1e-9);
});

test('instances that agree are not surer than their blocks', () => {
  // One burst in one of the candidate's blocks; nothing at all on the baseline's four instances.
  const candidate = windowOf({ x: 0 }, 0).map((point, index) => (index === 2 ? { ...point, level: 5 } : point));
  const baseline = windowOf({ a: 0, b: 0, c: 0, d: 0 }, 0);
  const effect = estimateEffect(inputOf('concurrent', { baseline, candidate, past: [] }));
  assert.equal(effect?.value, 1);
  // Squares of 4² + 4 · 1² around the mean, over 4 and 5 blocks, twice.
  assert.ok(Math.abs((effect?.error ?? 0) ** 2 - (2 * 20) / 4 / 5) < 1e-9);
  assert.ok((effect?.worse.combined ?? 0) > 0.2);
});

test('a concurrent comparison uses the blocks that both sides have', () => {
  const late = windowOf({ a: 50, b: 50 }, WINDOW_S);
  const input = inputOf('concurrent', { baseline: [...windowOf({ a: 0, b: 0.2 }, 0), ...late], past: [] });
  assert.ok(Math.abs((differenceOf(input)?.value ?? 0) - 1) < 1e-9);
});

test('an instance that left early is not compared with those that stayed', () => {
  const hour = (levels: Record<string, number>) => [0, 1, 2, 3].flatMap((index) => windowOf(levels, index * WINDOW_S));
  const baseline = [...hour({ a: 0, b: 0.2 }), ...windowOf({ gone: 9 }, 0)];
  const input = inputOf('concurrent', { baseline, candidate: hour({ c: 1, d: 1.2 }), past: [] });
  assert.deepEqual([...(differenceOf(input)?.baseline.keys() ?? [])], ['a', 'b']);
});

test('without a second instance, or anything that says how much it moves, there is no effect', () => {
  assert.equal(
    estimateEffect(
      inputOf('concurrent', { baseline: windowOf({ a: 0 }, 0), candidate: windowOf({ c: 1 }, 0), past: [] }),
    ),
    undefined,
  );
  assert.equal(estimateEffect(inputOf('sequential', { past: [] })), undefined);
  assert.equal(estimateEffect(inputOf('paired', { candidate: windowOf({ a: 1 }, 0) })), undefined);
});

test('objections', () => {
  const effect = estimateEffect(inputOf('sequential'));
  const small = estimateEffect(inputOf('sequential', { candidate: windowOf({ c: 0.1, d: 0.28 }, 0) }));
  const only = estimateEffect(inputOf('concurrent', { candidate: windowOf({ c: 0.15 }, 0), past: [] }));
  const beyond = estimateEffect(inputOf('concurrent', { candidate: windowOf({ c: 0.3 }, 0), past: [] }));
  assert.ok(effect !== undefined && small !== undefined && only !== undefined && beyond !== undefined);
  assert.equal(isUsual(effect, 1), false);
  // Half of the past's windows moved by 0.1, either way; this one by 0.09.
  assert.equal(isUsual(small, 1), true);
  assert.equal(isUsual(effect, -1), true);
  assert.equal(isAmong(only, 1), true);
  assert.equal(isAmong(beyond, 1), false);
  assert.equal(isAmong(effect, 1), false);
  assert.equal(
    fades({ ...effect, paired: undefined, points: { baseline: [], candidate: [] }, value: 0.1 }, 0.18),
    true,
  );
  assert.equal(fades(undefined, 0.18), false);
  assert.deepEqual(
    laterHalf(windowOf({ a: 0 }, 0)).map(({ startS }) => startS),
    [120, 180, 240],
  );
});
