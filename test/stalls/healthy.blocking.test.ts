// Servers without a long callback: whatever the machine does to them, no code is blamed for a stall.
// Ten seconds each; `LOOPSIGHT_HEALTHY_SECONDS=600` for longer.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startInstrumented } from '../support/instrumented.js';
import { countedStalls } from './run-program.js';

const SECONDS = Number(process.env.LOOPSIGHT_HEALTHY_SECONDS ?? 10);
/** Requests of 13 ms on the average, so that the loop is active for half of the time. */
const PER_SECOND = 38;

const timeout = (SECONDS + 30) * 1000;
test('no code is blamed in a healthy server', { concurrency: 2, timeout }, async (t) => {
  await Promise.all([
    t.test('that is idle', async () => watch(() => pause(SECONDS * 1000))),
    t.test('that is busy', async () =>
      watch(async (port) => {
        const args = [join(import.meta.dirname, 'healthy-load.mjs'), port, PER_SECOND, SECONDS].map(String);
        const { stdout } = await promisify(execFile)(process.execPath, args, { timeout });
        assert.ok(Number(stdout) > (PER_SECOND * SECONDS) / 4, `${stdout} requests are no load`);
      }),
    ),
  ]);
});

async function watch(during: (port: number) => Promise<unknown>): Promise<void> {
  await using server = await startInstrumented<{ url: string; port: number }>('../stalls/healthy-server.mjs', {
    LOOPSIGHT_LOG: 'off',
  });
  const { url, port } = server.said;
  // Half of the time is the load's own doing, so that it was there; a stall without a function blames nobody.
  const blamed = async () => countedStalls(await (await fetch(url)).text()).filter((stall) => stall.function !== '');
  // The start may have taken long.
  const before = await blamed();
  await during(port);
  assert.deepEqual(await blamed(), before);
}
