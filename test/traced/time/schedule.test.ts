// When windows are held, on the real loop.
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSchedule, type Schedule } from '../../../instrumentations/traced/time/schedule.js';
import { systemClock } from '../../../src/clock.js';
import { rethrow } from '../../support/read-store.js';

const PERIOD_MS = 400;

/** Whether calls that begin now are measured. */
function isOpen(schedule: Schedule): boolean {
  const measured = schedule.begin({ functionName: 'asked', livePlace: -1, cut() {} });
  measured?.end(systemClock.monotonicMs());
  measured?.tell(0, 0);
  return measured !== undefined;
}

async function until(condition: () => boolean, withinMs: number, what: string): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!condition()) {
    assert.ok(performance.now() < endMs, what);
    await sleep(2);
  }
}

test('windows that somebody asks for do not put off the others', async () => {
  const timing = { periodMs: PERIOD_MS, windowMs: 20, tailMs: 20, firstMs: 1, budget: 1 };
  const schedule = createSchedule({ clock: systemClock, report: rethrow, random: () => 0, timing });
  const stop = schedule.use('sampled');
  try {
    schedule.suspended();
    await until(() => isOpen(schedule), 10_000, 'the first window opens');
    await until(() => !isOpen(schedule), 10_000, 'and closes');
    for (let i = 0; i < 30; i++) {
      schedule.suspended();
      await new Promise<void>((resolve) => {
        schedule.measure(1, { onCall() {}, onEnd: resolve });
      });
    }
    schedule.suspended();
    // With one period for each of them it would be 12 s.
    await until(() => isOpen(schedule), PERIOD_MS * 10, 'the next window opens in the next period');
  } finally {
    stop();
  }
});
