// Whoever records after somebody else is told of the calls from then on.
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTracedMonitor } from '../../../instrumentations/traced/index.js';
import { measureFunctions } from '../../../instrumentations/traced/time/measure-functions.js';
import { systemClock } from '../../../src/clock.js';
import { createStore } from '../../../src/recorder/store.js';
import { traced } from '../../../src/traced.js';
import { readStore, rethrow } from '../../support/read-store.js';

/** Starts to record; returns how to end it, and what was recorded, in milliseconds. */
function record() {
  const store = createStore({ clock: systemClock, report: rethrow });
  const monitor = createTracedMonitor({ functionTime: 'on-demand' }).start({
    recorder: store,
    clock: systemClock,
    shared: false,
    report: rethrow,
  });
  return {
    stop: () => monitor.stop(),
    told(): { parts: number; duration: number } {
      const metrics = readStore(store);
      const parts = ['own', 'others', 'idle'].map(
        (state) => metrics[`loopsight.function.time{code.function.name=again,function.time.state=${state}}`] ?? 0,
      );
      const duration = metrics['loopsight.function.duration.sum{code.function.name=again}'] ?? 0;
      return { parts: parts.reduce((sum, part) => sum + part, 0) * 1000, duration: duration * 1000 };
    },
  };
}

test('what was held back for one recorder is not told to the next', async () => {
  let spinMs = 40;
  const again = traced('again', async () => {
    await sleep(1);
    const endMs = performance.now() + spinMs;
    while (performance.now() < endMs);
  });
  const first = record();
  await again();
  const held = first.told();
  assert.ok(held.duration - held.parts > 30, 'nobody knows whose that time was');
  first.stop();

  const second = record();
  spinMs = 1;
  const measured = measureFunctions({ forMs: 1 });
  await again();
  await measured;
  const { parts, duration } = second.told();
  assert.ok(Math.abs(parts - duration) < 0.01, `${parts} ms of ${duration} ms`);
  second.stop();
});
