// Probes at a loop that sleeps and is not woken for them, against the closed form, on a simulated loop.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLagProbes } from '../../instrumentations/event-loop/lag-probes.js';
import { createSleepWatch, waitWhileSleeping } from '../../instrumentations/event-loop/sleeping-loop.js';
import { LATENCY_BOUNDS_S } from '../../src/metric-names.js';
import { createRandom } from '../support/random.js';

const TURN_EVERY_MS = 75;
const SLEEPING_TURN_EVERY_MS = 100;

// A loop that is blocked for the last `blockMs` of every `periodMs`, in `parts`, and sleeps else.
function simulate({ blockMs, periodMs, parts }: (typeof PATTERNS)[number], lengthMs: number) {
  const waits: number[] = [];
  const probes = createLagProbes({ meanMs: 50, random: createRandom(20).next, record: (waitMs) => waits.push(waitMs) });
  const sleep = createSleepWatch();
  const partMs = blockMs / parts;
  const busyUntil = (ms: number) => {
    const phaseMs = (ms % periodMs) - (periodMs - blockMs);
    return Math.floor(ms / periodMs) * blockMs + Math.max(0, phaseMs);
  };
  let nowMs = 0;
  let dueMs = 0;
  let turns = 0;
  let hasSlept = false;
  while (nowMs < lengthMs) {
    const busyMs = sleep.turned(nowMs, nowMs - busyUntil(nowMs));
    const stretch = { dueMs, nowMs, busyMs, iterations: Math.max(1, Math.round(busyMs / partMs)) };
    const probeMs = probes.turn(nowMs, hasSlept ? (atMs) => waitWhileSleeping(stretch, atMs) : undefined);
    hasSlept = sleep.isSleeping;
    dueMs = hasSlept ? nowMs + SLEEPING_TURN_EVERY_MS : Math.min(nowMs + TURN_EVERY_MS, probeMs);
    dueMs = nowMs + Math.max(1, Math.trunc(dueMs - nowMs));
    const phaseMs = (dueMs % periodMs) - (periodMs - blockMs);
    nowMs = phaseMs < 0 ? dueMs : dueMs - (phaseMs % partMs) + partMs;
    turns++;
  }
  return { waits, turns };
}

const PATTERNS = [
  { blockMs: 200, periodMs: 5000, parts: 1 },
  { blockMs: 60, periodMs: 2010, parts: 1 },
  { blockMs: 30, periodMs: 3001, parts: 1 },
  { blockMs: 100, periodMs: 4003, parts: 5 },
  { blockMs: 1500, periodMs: 20_000, parts: 1 },
  { blockMs: 8, periodMs: 701, parts: 1 },
  { blockMs: 9, periodMs: 1303, parts: 3 },
];

for (const pattern of PATTERNS) {
  const { blockMs, periodMs, parts } = pattern;
  test(`a loop that sleeps but for ${blockMs} ms of each ${periodMs} in ${parts}: each bucket is as in the closed form`, () => {
    const { waits, turns } = simulate(pattern, 20_000_000);
    assert.ok(Math.abs(waits.length / 400_000 - 1) < 0.02, `${waits.length} probes at 20 a second`);
    assert.ok(turns / 20_000 < 20, `${turns / 20_000} turns a second`);
    for (const boundS of LATENCY_BOUNDS_S) {
      const boundMs = boundS * 1000;
      const measured = waits.filter((waitMs) => waitMs > boundMs).length / waits.length;
      const expected = (blockMs / periodMs) * Math.max(0, 1 - boundMs / (blockMs / parts));
      const allowed = 0.0005 + 0.1 * expected;
      assert.ok(
        Math.abs(measured - expected) <= allowed,
        `P(lag > ${boundMs} ms) is ${measured}, should be ${expected}`,
      );
    }
  });
}

const SLEEPING = { dueMs: 1075, nowMs: 1075, busyMs: 0, iterations: 1 };
const WAITS = [
  ['slept through, woken in time', SLEEPING, 1030, 0],
  ['slept through, woken late: so late would it have been for the probe', { ...SLEEPING, nowMs: 1078 }, 1030, 3],
  ['the process did not run: that is not counted for those before', { ...SLEEPING, nowMs: 1475 }, 1030, 0],
  ['the process did not run: that is counted for those meanwhile', { ...SLEEPING, nowMs: 1475 }, 1175, 300],
  ['held through the turn: before it', { ...SLEEPING, nowMs: 1275, busyMs: 240 }, 1030, 0],
  ['held through the turn: meanwhile', { ...SLEEPING, nowMs: 1275, busyMs: 240 }, 1050, 225],
  ['many short iterations', { ...SLEEPING, busyMs: 40, iterations: 10 }, 1050, 1],
] as const;

for (const [name, stretch, atMs, expected] of WAITS) {
  test(`what a probe would have waited: ${name}`, () => {
    assert.equal(waitWhileSleeping(stretch, atMs), expected);
  });
}

test('a loop sleeps after a second of calm and no longer at the first busy stretch', () => {
  const sleep = createSleepWatch();
  let idleMs = 0;
  let nowMs = 0;
  for (let i = 0; i < 30; i++) {
    sleep.turned(nowMs, idleMs);
    nowMs += 50;
    idleMs += 49.9;
  }
  assert.equal(sleep.isSleeping, true);
  assert.equal(Math.round(sleep.turned(nowMs + 45, idleMs)), 45);
  assert.equal(sleep.isSleeping, false);
  for (let i = 0; i < 19; i++) sleep.turned(nowMs + 45 + i, idleMs + i);
  assert.equal(sleep.isSleeping, false);
});

test('a loop that did little sleeps again after a moment', () => {
  const sleep = createSleepWatch();
  for (let i = 0; i < 30; i++) sleep.turned(i * 50, i * 50);
  sleep.turned(1500, 1495);
  assert.equal(sleep.isSleeping, false);
  for (let i = 1; i <= 4; i++) sleep.turned(1500 + i * 50, 1495 + i * 50);
  assert.equal(sleep.isSleeping, false);
  sleep.turned(1750, 1745);
  assert.equal(sleep.isSleeping, true);
});
