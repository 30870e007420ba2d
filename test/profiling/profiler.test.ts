// Recordings out of the profile that runs all the time: nobody waits for a main thread that is in a native call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/clock.js';
import { pprofRoutes } from '../../src/profiling/pprof-endpoint.js';
import { createProfiler } from '../../src/profiling/profiler.js';
import { createProfileWindows } from '../../src/profiling/windows.js';

const INTERVAL_US = 20_000;

test('a recording ends when it is to, although the main thread does not answer', { timeout: 10_000 }, async () => {
  const profiler = createProfiler({
    heartbeat: { flags: new Int32Array(8) },
    clock: systemClock,
    continuous: {
      profile: { rotate: () => new Promise(() => {}) },
      windows: createProfileWindows(),
      intervalUs: INTERVAL_US,
    },
  });
  const signal = AbortSignal.abort();
  const options = { durationMs: 60_000, intervalUs: INTERVAL_US, threads: 'main', signal } as const;
  const { threads, notes } = await profiler.record(options);
  assert.deepEqual({ threads, notes: notes.length }, { threads: [], notes: 1 });
  // The next one may begin.
  await profiler.record(options);
});

for (const [title, continuousUs, asked] of [
  ['a hundred times a second', undefined, 10_000],
  ['as often as the profile that runs', INTERVAL_US, INTERVAL_US],
  ['not more often than that', 1000, 10_000],
] as const) {
  test(`pprof has samples ${title}`, async () => {
    let intervalUs = 0;
    const [route] = Object.values(
      pprofRoutes({
        record(options) {
          intervalUs = options.intervalUs;
          return new Promise(() => {});
        },
        continuousUs,
        guard: { isPrivate: true },
        root: '/',
        title: 'app',
        report: () => {},
      }),
    );
    const reply = await route?.({ method: 'GET', url: '/debug/pprof/profile?seconds=1', headers: {} } as never);
    assert.ok(reply !== undefined && 'stream' in reply);
    reply.stream({ once: () => {} } as never, {});
    assert.equal(intervalUs, asked);
  });
}
