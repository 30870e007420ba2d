import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSpinning } from '../../../src/stalls/loop/spin.js';
import { createSpinLog } from '../../../src/stalls/tell/spin-log.js';
import { eventually } from '../../support/eventually.js';
import { startInstrumented } from '../../support/instrumented.js';

const second = { seconds: 1, utilization: 1, iterations: 1200, events: 3 };

for (const [title, activity, spins] of [
  ['a loop that only turns', second, true],
  ['a loop that sleeps', { ...second, utilization: 0.3 }, false],
  ['a loop that computes', { ...second, iterations: 20 }, false],
  ['a server under load', { ...second, events: 1100 }, false],
  ['no time at all', { ...second, seconds: 0 }, false],
] as const) {
  test(`${title} ${spins ? 'spins' : 'does not spin'}`, () => assert.equal(isSpinning(activity), spins));
}

test('a spin is told of once it lasts, then not again for ten minutes', () => {
  const log = createSpinLog('text');
  const report = { durationMs: 1000, culprit: { function: 'drain', file: 'src/outbox.ts', line: 12, column: 1 } };
  const lines = Array.from({ length: 700 }, (_, second) => log(report, second * 1000)).filter(
    (line) => line !== undefined,
  );
  assert.deepEqual(
    lines,
    Array(2).fill(
      'loopsight: event loop spins: it never sleeps and has nothing to handle, kept turning by drain (src/outbox.ts:12)',
    ),
  );
});

test('short spins are not told of', () => {
  const log = createSpinLog('text');
  for (let minute = 0; minute < 20; minute++) {
    assert.equal(log({ durationMs: 2000, culprit: undefined }, minute * 60_000), undefined);
  }
});

test('the function that keeps a loop turning is named, though the loop has no lag', async () => {
  await using program = await startInstrumented<{ url: string }>('spinning.mjs', { LOOPSIGHT_LOG: 'off' });
  const series = /^loopsight_eventloop_spin_time_seconds_total\{[^}]*code_function_name="waitForLines"[^}]*\} (\d+)/m;
  const seconds = async () => Number(series.exec(await (await fetch(program.said.url)).text())?.[1] ?? 0);
  await eventually(seconds, (spun) => spun > 0);
});
