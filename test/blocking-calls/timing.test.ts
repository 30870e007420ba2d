// Which calls are told of as long, and how they are counted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCallFigures } from '../../instrumentations/blocking-calls/call-figures.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { createTally } from '../../src/stalls/loop/call-tally.js';
import { type AnyFunction, type CallTiming, NOT_TIMED, withTiming } from '../../src/stalls/loop/checkpoint.js';
import { readStore, rethrow } from '../support/read-store.js';

function startTiming() {
  let nowMs = 1000;
  const told: string[] = [];
  const timing: CallTiming = {
    depth: 0,
    longMs: 10,
    now: () => nowMs,
    onLong: ({ label, fromMs, toMs }) => told.push(`${label} ${fromMs}–${toMs}`),
    onSample: () => assert.fail('no samples were asked for'),
  };
  const wrap = (label: string, original: () => unknown) => {
    const options = { tally: createTally(label), capturing: new Int32Array(1), timing };
    return withTiming(original as AnyFunction, options) as () => unknown;
  };
  const take = (ms: number) => {
    nowMs += ms;
  };
  return { timing, told, wrap, take };
}

test('calls are told of from the threshold on', () => {
  const { told, wrap, take } = startTiming();
  for (const ms of [0, 9.9, 10, 250]) wrap(`a.${ms}`, () => take(ms))();
  assert.deepEqual(told, ['a.10 1009.9–1019.9', 'a.250 1019.9–1269.9']);
});

test('a call that throws counts as well', () => {
  const { timing, told, wrap, take } = startTiming();
  const failing = wrap('a.fail', () => {
    take(20);
    throw new Error('no such file');
  });
  assert.throws(failing, /no such file/);
  assert.deepEqual(told, ['a.fail 1000–1020']);
  assert.equal(timing.depth, 0);
});

test('a call within another one is part of that', () => {
  const { told, wrap, take } = startTiming();
  const inner = wrap('a.inner', () => take(50));
  wrap('a.outer', () => {
    inner();
    inner();
  })();
  inner();
  assert.deepEqual(told, ['a.outer 1000–1100', 'a.inner 1100–1150']);
});

test('nothing is told after the timing was switched off, also of a call under way', () => {
  const { timing, told, wrap, take } = startTiming();
  const call = wrap('a.call', () => take(50));
  timing.depth = NOT_TIMED;
  call();
  assert.equal(timing.depth, NOT_TIMED);
  assert.deepEqual(told, []);
});

test('calls are counted by caller, those of too many callers under `other`', () => {
  const store = createStore({ clock: systemClock, report: rethrow });
  const figures = createCallFigures(store);
  for (let number = 0; number < 60; number++) figures.count('fs.statSync', `caller${number}`, 0.02);
  figures.count('fs.statSync', 'caller0', 0.5);
  figures.count('fs.readSync', 'caller59', 0.5);
  const read = readStore(store);
  const of = (call: string, caller: string, value: 'count' | 'sum') =>
    read[`loopsight.blocking_call.duration.${value}{blocking_call.name=${call},code.function.name=${caller}}`];
  assert.equal(of('fs.statSync', 'caller0', 'count'), 2);
  assert.equal(of('fs.statSync', 'caller0', 'sum'), 0.52);
  assert.equal(of('fs.statSync', 'caller49', 'count'), 1);
  assert.equal(of('fs.statSync', 'caller50', 'count'), undefined);
  assert.equal(of('fs.statSync', 'other', 'count'), 10);
  assert.equal(of('fs.readSync', 'other', 'count'), 1);
  figures.stop();
  assert.deepEqual(readStore(store), {});
});
