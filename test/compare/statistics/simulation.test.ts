// A small part of `npm run bench -- compare`: always the same seeds, so that it says the same each time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLibrary } from '../../../bench/compare/minutes.js';
import { NAIVE_RULES } from '../../../bench/compare/naive.js';
import { createRandom } from '../../../bench/compare/random.js';
import { type Deploy, SCENARIOS, simulateDeploy } from '../../../bench/compare/scenarios.js';
import { ORDINARY } from '../../../bench/compare/world.js';
import type { Comparison } from '../../../src/compare/observations.js';
import { compare } from '../../../src/compare/statistics/compare.js';
import { meanOf } from '../../../src/compare/statistics/summary.js';

const RUNS = 5;
const WORLD = { ...ORDINARY, historyDays: 1.5 };
const library = createLibrary(3, WORLD.tail, 12);
const simulate = (deploy: Deploy, seed: number): Comparison =>
  simulateDeploy(WORLD, library, createRandom(seed), deploy);

test('the queue is as busy as it should be, and as many probes wait as it is busy', () => {
  const random = createRandom(1);
  for (const utilization of [0.2, 0.5, 0.8]) {
    const minutes = Array.from({ length: 60 }, () => library.pick(utilization, random));
    const busy = meanOf(minutes.map((minute) => minute.busy));
    const waiting = meanOf(minutes.map(({ cumulated, probes }) => 1 - (cumulated[0] ?? 0) / probes));
    assert.ok(Math.abs(busy - utilization) < 0.05, `${busy} is not ${utilization}`);
    // What waits less than a twentieth of a service counts as nothing.
    assert.ok(waiting < busy + 0.02 && waiting > busy - 0.08, `${waiting} is not about ${busy}`);
  }
});

let falseAlarms = 0;

for (const [index, scenario] of SCENARIOS.entries()) {
  test(`${scenario}: equal versions are hardly called worse, a regression of half is`, () => {
    let found = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const equal = simulate({ scenario, loadShift: 1.5, candidate: { cost: 1, blocksS: 0 } }, 100 * index + run);
      if (compare(equal).verdict === 'worse') falseAlarms += 1;
      const dearer = simulate({ scenario, loadShift: 1, candidate: { cost: 1.5, blocksS: 0 } }, 100 * index + 50 + run);
      const { verdict, metrics } = compare(dearer);
      if (verdict === 'worse') found += 1;
      const active = metrics.find(({ id }) => id === 'loop-active-per-request');
      assert.ok((active?.ratio?.low ?? 0) > 1.1 && (active?.ratio?.high ?? 9) < 2.1, 'the interval is around 1.5');
    }
    assert.ok(found >= RUNS - 1, `found ${found} of ${RUNS}`);
    assert.ok(falseAlarms <= 1, `${falseAlarms} false alarms in all scenarios so far`);
  });
}

test('the simulated world is one in which pooled buckets fool', () => {
  const rule = NAIVE_RULES['KS of pooled lag buckets'];
  const equal = Array.from({ length: RUNS }, (_, run) =>
    simulate({ scenario: 'rolling', loadShift: 1.5, candidate: { cost: 1, blocksS: 0 } }, 700 + run),
  );
  assert.equal(equal.filter((comparison) => rule?.(comparison)).length, RUNS);
});

test('a version that blocks is worse though its requests cost the same', () => {
  const blocking = simulate({ scenario: 'rolling', loadShift: 1, candidate: { cost: 1, blocksS: 0.3 } }, 600);
  const { metrics } = compare(blocking);
  assert.equal(metrics.find(({ id }) => id === 'lag-p99')?.answer, 'worse');
});

test('the same seed gives the same verdict', () => {
  const deploy: Deploy = { scenario: 'canary', loadShift: 1, candidate: { cost: 1.3, blocksS: 0 } };
  assert.deepEqual(compare(simulate(deploy, 5)), compare(simulate(deploy, 5)));
});
