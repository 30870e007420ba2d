// Where the time of generators goes: their steps are known, whoever asks for them and whenever.
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createTracedMonitor } from '../../../instrumentations/traced/index.js';
import { createSchedule } from '../../../instrumentations/traced/time/schedule.js';
import { systemClock } from '../../../src/clock.js';
import { createStore } from '../../../src/recorder/store.js';
import { sharedState } from '../../../src/shared-state.js';
import { traced } from '../../../src/traced.js';
import { readStore, rethrow } from '../../support/read-store.js';

const store = createStore({ clock: systemClock, report: rethrow });
const monitor = createTracedMonitor({ functionTime: 'on-demand' }).start({
  recorder: store,
  clock: systemClock,
  shared: false,
  report: rethrow,
});
after(() => monitor.stop());

function spin(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

/** In milliseconds. */
function timesOf(name: string): { own: number; others: number; idle: number; duration: number } {
  const metrics = readStore(store);
  const time = (state: string) =>
    (metrics[`loopsight.function.time{code.function.name=${name},function.time.state=${state}}`] ?? 0) * 1000;
  const duration = (metrics[`loopsight.function.duration.sum{code.function.name=${name}}`] ?? 0) * 1000;
  return { own: time('own'), others: time('others'), idle: time('idle'), duration };
}

test('a step that is asked for during another one does not make its waiting own time', async () => {
  const pages = traced('asked at once', async function* () {
    await sleep(900);
    yield 1;
    yield 2;
  });
  const generator = pages();
  const first = generator.next();
  await sleep(300);
  await Promise.all([first, generator.next()]);
  await generator.return(undefined);
  const { own } = timesOf('asked at once');
  // The second step was waited for from 300 to 900 ms.
  assert.ok(own < 500, `own ${own} ms`);
});

test('an abandoned one ended at its last value: the loop was not idle until then', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const numbers = traced('abandoned', function* () {
    for (let i = 0; ; i++) yield i;
  });
  (() => {
    const generator = numbers();
    generator.next();
    spin(20);
    generator.next();
  })();
  await sleep(50);
  for (let turn = 0; turn < 200 && timesOf('abandoned').duration === 0; turn++) {
    collect();
    await new Promise(setImmediate);
  }
  const { others, idle, duration } = timesOf('abandoned');
  assert.ok(duration >= 20, `${duration} ms`);
  assert.ok(others >= 19 && idle < 1, `others ${others} ms, idle ${idle} ms`);
});

test('of one that goes on after its window all steps are known', async () => {
  const timing = { periodMs: 10_000, windowMs: 5, tailMs: 5, firstMs: 10_000, budget: 1 };
  const schedule = createSchedule({ clock: systemClock, report: rethrow, timing });
  const stop = schedule.use('on-demand');
  const state = sharedState();
  const before = state.callTimes;
  state.callTimes = schedule;
  try {
    const numbers = traced('cut', function* () {
      spin(3);
      yield 1;
      spin(6);
      yield 2;
    });
    const generator = numbers();
    await new Promise<void>((resolve) => {
      schedule.measure(5, { onCall() {}, onEnd: resolve });
      generator.next();
    });
    generator.next();
    generator.next();
    const { own, others, idle, duration } = timesOf('cut');
    assert.ok(own >= 9 && own < duration, `own ${own} of ${duration} ms`);
    assert.ok(Math.abs(own + others + idle - duration) < 0.01, `${own} + ${others} + ${idle} of ${duration} ms`);
  } finally {
    stop();
    state.callTimes = before;
  }
});
