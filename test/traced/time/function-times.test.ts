// The estimate of where the time of a function's calls went, against simulated calls whose truth is known.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FunctionTimes } from '../../../instrumentations/traced/time/function-times.js';

interface Simulated {
  readonly wallMs: number;
  readonly seenMs: number;
  readonly idleMs: number;
  readonly ownMs: number;
  readonly offloadedMs: number;
}

/** Numbers from 0 up to 1, the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

// Lengths differ a hundredfold, and long calls have another share of own time than short ones.
function simulate(random: () => number): Simulated {
  const seenMs = random();
  const wallMs = seenMs + 100 ** random() * 10;
  const idleMs = (wallMs - seenMs) * random();
  const busyMs = wallMs - seenMs - idleMs;
  const ownMs = seenMs + busyMs * random() * (wallMs > 100 ? 1 : 0.3);
  return { wallMs, seenMs, idleMs, ownMs, offloadedMs: idleMs * random() };
}

function near(figure: number, truth: number, share: number, what: string): void {
  const apart = Math.abs(figure - truth) / truth;
  assert.ok(apart <= share, `${what}: ${figure.toFixed(0)}, in truth ${truth.toFixed(0)}`);
}

test('the estimate is right on average, and nothing of the duration is lost', () => {
  const biases: number[] = [];
  for (let seed = 1; seed <= 40; seed++) {
    const random = seeded(seed * 7919);
    const times = new FunctionTimes();
    let [own, wall, offloaded] = [0, 0, 0];
    for (let i = 0; i < 6000; i++) {
      const call = simulate(random);
      own += call.ownMs;
      wall += call.wallMs;
      offloaded += call.offloadedMs;
      if (random() < 1 / 30) {
        times.addExact(call);
        times.learn(call, call.seenMs);
      } else times.addSeen(call.wallMs, call.seenMs, call.idleMs);
      if (i % 500 === 0) times.settle();
    }
    times.settle();
    near(times.ownMs + times.othersMs + times.idleMs, wall, 1e-9, 'own + others + idle');
    near(times.ownMs, own, 0.35, 'own');
    near(times.offloadedMs, offloaded, 0.35, 'offloaded');
    biases.push(times.ownMs / own - 1);
  }
  const bias = biases.reduce((sum, one) => sum + one, 0) / biases.length;
  assert.ok(Math.abs(bias) < 0.03, `own time is ${(bias * 100).toFixed(1)} % off on average`);
});

test('what nobody measured yet is held back, and told once somebody did; sums only grow', () => {
  const times = new FunctionTimes();
  times.addSeen(100, 5, 60);
  times.settle();
  assert.deepEqual(sums(times), { own: 5, others: 0, idle: 60, offloaded: 0 });
  const measured = { wallMs: 100, idleMs: 60, ownMs: 15, offloadedMs: 19 };
  times.addExact(measured);
  times.learn(measured, 5);
  times.settle();
  // 10 of 35 ms after the first segment were its own, and 19 of 95 ms were offloaded.
  assert.deepEqual(sums(times), { own: 5 + 15 + 10, others: 25 + 25, idle: 120, offloaded: 19 + 19 });
  assert.equal(times.measuredCalls, 1);
});

test('the estimate follows a function that changes', () => {
  const times = new FunctionTimes();
  for (let i = 0; i < 2000; i++) times.learn({ wallMs: 10, idleMs: 0, ownMs: 10, offloadedMs: 0 }, 0);
  for (let i = 0; i < 2000; i++) times.learn({ wallMs: 10, idleMs: 0, ownMs: 0, offloadedMs: 0 }, 0);
  times.addSeen(1000, 0, 0);
  times.settle();
  assert.ok(times.ownMs < 10, `${times.ownMs} ms`);
});

test('a call that was never suspended is its own time', () => {
  const times = new FunctionTimes();
  times.addUninterrupted(7);
  times.settle();
  assert.deepEqual(sums(times), { own: 7, others: 0, idle: 0, offloaded: 0 });
});

function sums({ ownMs, othersMs, idleMs, offloadedMs }: FunctionTimes): Readonly<Record<string, number>> {
  const rounded = (ms: number) => Math.round(ms * 1e6) / 1e6;
  return { own: rounded(ownMs), others: rounded(othersMs), idle: rounded(idleMs), offloaded: rounded(offloadedMs) };
}
