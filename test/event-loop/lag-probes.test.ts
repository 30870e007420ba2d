// Lag probes against the closed form, on a simulated loop.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLagProbes, PROBES_PER_STRETCH } from '../../instrumentations/event-loop/lag-probes.js';
import { LATENCY_BOUNDS_S } from '../../src/metric-names.js';
import { createRandom } from '../support/random.js';

// A loop that is blocked for the first `blockMs` of every `periodMs`; a timer that is due meanwhile runs at the end.
function simulateWaits(blockMs: number, periodMs: number, lengthMs: number): number[] {
  const waits: number[] = [];
  const probes = createLagProbes({ meanMs: 50, random: createRandom(20).next, record: (waitMs) => waits.push(waitMs) });
  let nowMs = 0;
  while (nowMs < lengthMs) {
    const dueMs = probes.turn(nowMs);
    // The timer of Node: whole milliseconds, rounded down, at least one.
    const firesMs = nowMs + Math.max(1, Math.trunc(dueMs - nowMs));
    const phaseMs = firesMs % periodMs;
    nowMs = phaseMs < blockMs ? firesMs - phaseMs + blockMs : firesMs;
  }
  return waits;
}

const PATTERNS = [
  { blockMs: 200, periodMs: 1000 },
  { blockMs: 30, periodMs: 100 },
  { blockMs: 20, periodMs: 100 },
  { blockMs: 20, periodMs: 50 },
  { blockMs: 1500, periodMs: 3000 },
];

for (const { blockMs, periodMs } of PATTERNS) {
  test(`${blockMs} ms blocked of each ${periodMs}: every bucket is within 0.02 of the closed form`, () => {
    const waits = simulateWaits(blockMs, periodMs, 10_000_000);
    assert.ok(Math.abs(waits.length / 200_000 - 1) < 0.02, `${waits.length} probes at 20 a second`);
    for (const boundS of LATENCY_BOUNDS_S) {
      const boundMs = boundS * 1000;
      const measured = waits.filter((waitMs) => waitMs > boundMs).length / waits.length;
      const expected = (blockMs / periodMs) * Math.max(0, 1 - boundMs / blockMs);
      assert.ok(Math.abs(measured - expected) <= 0.02, `P(lag > ${boundMs} ms) is ${measured}, should be ${expected}`);
    }
  });
}

test('the first turn sets the schedule and records nothing', () => {
  const waits: number[] = [];
  const probes = createLagProbes({ meanMs: 50, random: () => 0.5, record: (waitMs) => waits.push(waitMs) });
  assert.equal(probes.turn(1000), 1000 + 50 * Math.LN2);
  assert.deepEqual(waits, []);
});

test('a turn that comes early leaves the schedule, one that is less than a timer grain early is the arrival', () => {
  const waits: number[] = [];
  const probes = createLagProbes({ meanMs: 50, random: () => 0.5, record: (waitMs) => waits.push(waitMs) });
  const dueMs = probes.turn(0);
  assert.equal(probes.turn(dueMs - 1.5), dueMs);
  assert.deepEqual(waits, []);
  assert.equal(probes.turn(dueMs - 0.5), dueMs + 50 * Math.LN2);
  assert.deepEqual(waits, [0]);
});

test('one turn records the wait of every probe that it missed', () => {
  const waits: number[] = [];
  const probes = createLagProbes({ meanMs: 10 / Math.LN2, random: () => 0.5, record: (waitMs) => waits.push(waitMs) });
  probes.turn(0);
  assert.equal(Math.round(probes.turn(45)), 50);
  assert.deepEqual(waits.map(Math.round), [35, 25, 15, 5]);
});

test('hours without a turn are about 10,000 probes with the right distribution, and then the usual pace', () => {
  const waits: number[] = [];
  const probes = createLagProbes({ meanMs: 50, random: createRandom(7).next, record: (waitMs) => waits.push(waitMs) });
  probes.turn(0);
  const hoursMs = 8 * 3_600_000;
  const nextMs = probes.turn(hoursMs);
  assert.ok(Math.abs(waits.length / PROBES_PER_STRETCH - 1) < 0.05, `${waits.length} probes`);
  for (const share of [0.25, 0.5, 0.75]) {
    const measured = waits.filter((waitMs) => waitMs > share * hoursMs).length / waits.length;
    assert.ok(Math.abs(measured - (1 - share)) < 0.02, `P(wait > ${share} of the stretch) is ${measured}`);
  }
  assert.ok(nextMs - hoursMs < 1000, `the next probe is due after ${nextMs - hoursMs} ms`);
});

test('random numbers at the end of their range give finite schedules', () => {
  for (const value of [0, 1 - 2 ** -53]) {
    let calls = 0;
    const random = () => (calls++ < 3 ? value : 0.5);
    const probes = createLagProbes({ meanMs: 50, random, record: () => {} });
    probes.turn(0);
    assert.ok(Number.isFinite(probes.turn(100)));
  }
});
