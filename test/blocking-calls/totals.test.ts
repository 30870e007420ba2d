// Calls of any length: counted exactly, and their time told by caller from samples that are true in the mean.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCallTotals } from '../../instrumentations/blocking-calls/call-totals.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { type CallTally, createTally, samplesIn, startTally } from '../../src/stalls/loop/call-tally.js';
import {
  type AnyFunction,
  type CallTiming,
  LARGE_TEXT,
  withParseTiming,
  withStringifyTiming,
  withTiming,
} from '../../src/stalls/loop/checkpoint.js';
import { readStore, rethrow } from '../support/read-store.js';

// mulberry32: the same numbers at every run.
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function startTotals() {
  const store = createStore({ clock: systemClock, report: rethrow });
  const totals = createCallTotals({ recorder: store, boundedCaller: (name) => name, random: seeded(7) });
  let nowMs = 0;
  let caller = '';
  const timing: CallTiming = {
    depth: 0,
    longMs: 10,
    now: () => nowMs,
    onLong() {},
    onSample: (tally, ms) => totals.sampled(tally, ms, () => caller),
  };
  const capturing = new Int32Array(1);
  const take = (ms: number) => {
    nowMs += ms;
  };
  const call = (label: string) =>
    withTiming(take as AnyFunction, { tally: totals.of(label), capturing, timing }) as (ms: number) => void;
  return {
    totals,
    timing,
    capturing,
    take,
    read: () => readStore(store),
    call,
    by(name: string, run: () => void) {
      caller = name;
      run();
    },
  };
}

const timeOf = (read: Readonly<Record<string, number>>, call: string, caller: string) =>
  read[`loopsight.blocking_call.time{blocking_call.name=${call},code.function.name=${caller}}`] ?? 0;

test('short calls are told of by caller as truly as long ones', () => {
  const { totals, call, by, read } = startTotals();
  const stat = call('fs.statSync');
  totals.begin();
  const truth = { often: 0, rarely: 0, long: 0 };
  const random = seeded(11);
  const made = (name: keyof typeof truth, ms: number) => {
    truth[name] += ms;
    by(name, () => stat(ms));
  };
  for (let round = 0; round < 20_000; round++) {
    made('often', 0.004 + random() * 0.002);
    if (round % 50 === 0) made('rarely', 0.3 + random() * 0.4);
    if (round % 1000 === 0) made('long', 40);
  }
  const figures = read();
  assert.equal(figures['loopsight.blocking_calls{blocking_call.name=fs.statSync}'], 20_000 + 400 + 20);
  let sum = 0;
  for (const [name, ms] of Object.entries(truth)) {
    const told = timeOf(figures, 'fs.statSync', name) * 1000;
    sum += told;
    assert.ok(Math.abs(told - ms) < 0.25 * ms, `${name}: ${told} of ${ms} ms`);
  }
  const total = truth.often + truth.rarely + truth.long;
  assert.ok(Math.abs(sum - total) <= 2, `${sum} of ${total} ms in all`);
});

test('the mean over many runs is the truth, whatever the calls are like', () => {
  const random = seeded(3);
  for (const lengths of [
    [0.1, 0.9],
    [0.5, 0.5, 1],
    [0.01, 3],
    [2.5, 0.25],
    [150.3, 0.7],
  ]) {
    const told = lengths.map(() => 0);
    const runs = 20_000;
    for (let run = 0; run < runs; run++) {
      const tally: CallTally = createTally('a.b');
      startTally(tally, random);
      for (const [index, ms] of lengths.entries()) {
        if (tally.leftMs <= ms) told[index] = (told[index] ?? 0) + samplesIn(tally, ms, random);
        else tally.leftMs -= ms;
      }
    }
    for (const [index, ms] of lengths.entries()) {
      const mean = (told[index] ?? 0) / runs;
      assert.ok(Math.abs(mean - ms) < 0.02, `${lengths}: ${mean} instead of ${ms}`);
    }
  }
});

test('what the start took is left out', () => {
  const { totals, call, by, read } = startTotals();
  const stat = call('fs.statSync');
  by('boot', () => stat(500));
  assert.deepEqual(read(), {});
  totals.begin();
  assert.deepEqual(read(), {});
  by('serve', () => stat(20));
  const figures = read();
  assert.equal(figures['loopsight.blocking_calls{blocking_call.name=fs.statSync}'], 1);
  assert.ok(Math.abs(timeOf(figures, 'fs.statSync', 'serve') - 0.02) < 0.0011);
  assert.equal(timeOf(figures, 'fs.statSync', 'boot'), 0);
  totals.stop();
  assert.deepEqual(read(), {});
});

test('writes to the standard streams have a time of their own, exactly', () => {
  const { totals, call, read } = startTotals();
  totals.begin();
  call('process.stdout.write')(0.25);
  call('process.stdout.write')(0.5);
  call('process.stderr.write')(0.125);
  assert.equal(read()['loopsight.stdio.write.time{stdio.stream=stdout}'], 0.00075);
  assert.equal(read()['loopsight.stdio.write.time{stdio.stream=stderr}'], 0.000125);
});

const large = 'x'.repeat(LARGE_TEXT);

test('of JSON.parse large texts count', () => {
  const { totals, timing, capturing, take } = startTotals();
  totals.begin();
  const tally = totals.of('JSON.parse');
  const parse = withParseTiming((() => take(2)) as AnyFunction, { tally, capturing, timing }) as (
    text?: unknown,
  ) => void;
  for (const text of ['{}', large.slice(1), undefined, { length: LARGE_TEXT }]) parse(text);
  assert.deepEqual([tally.calls, tally.totalMs], [0, 0]);
  parse(large);
  assert.deepEqual([tally.calls, tally.totalMs, timing.depth], [1, 2, 0]);
});

test('of JSON.stringify large texts count after the first one, for a while', () => {
  const { totals, timing, capturing, take } = startTotals();
  totals.begin();
  const tally = totals.of('JSON.stringify');
  const original = (text: unknown) => {
    take(3);
    if (text instanceof Error) throw text;
    return text;
  };
  const stringify = withStringifyTiming(original as AnyFunction, { tally, capturing, timing }) as typeof original;
  assert.equal(stringify(large), large);
  assert.equal(tally.calls, 0, 'what it will make is not known before');
  stringify('{}');
  stringify(large);
  assert.deepEqual([tally.calls, tally.totalMs], [1, 3]);
  assert.throws(() => stringify(new Error('circular')), /circular/);
  for (let count = 0; count < 1000; count++) stringify('{}');
  stringify(large);
  assert.deepEqual([tally.calls, timing.depth], [1, 0], 'forgotten after a thousand small ones');
});
