// Since when a program counts as started: it serves, or has run for ten seconds.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../../../src/clock.js';
import { openHeartbeat } from '../../../src/observer/heartbeat.js';
import { field, hasStarted, LOOP } from '../../../src/stalls/loop/loop-record.js';
import { startMainLoopSide } from '../../../src/stalls/loop/main-loop-side.js';

/** The main loop's side as of now, which the test turns by hand. */
function startSide(t: { after(act: () => void): void }) {
  const heartbeat = openHeartbeat();
  const startMs = systemClock.monotonicMs();
  const side = startMainLoopSide({ heartbeat, thresholdMs: 100, capture: false });
  t.after(() => side.stop());
  return {
    startMs,
    turn: (atMs: number) => side.turn(atMs, atMs + 75),
    startedMs: () => field(heartbeat.record, LOOP.started),
    hasStarted: (toMs: number) => hasStarted(heartbeat.record, toMs),
  };
}

async function serve(t: { after(act: () => void): void }): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
}

test('a program that does not serve has started after ten seconds, also where its loop does not turn', (t) => {
  const { startMs, turn, startedMs, hasStarted } = startSide(t);
  assert.ok(startedMs() - startMs >= 10_000 && startedMs() - startMs < 11_000, `${startedMs() - startMs} ms`);
  turn(startMs + 9_000);
  assert.equal(hasStarted(startMs + 9_000), false);
  assert.equal(hasStarted(startMs + 15_000), true, 'a stall that begins before and ends after is told of');
});

test('a program has started once it serves', async (t) => {
  const { startMs, turn, startedMs, hasStarted } = startSide(t);
  turn(startMs + 1000);
  await serve(t);
  turn(startMs + 2000);
  assert.equal(startedMs(), startMs + 2000);
  assert.equal(hasStarted(startMs + 2000), false, 'the stall that this turn ended was of the start');
  assert.equal(hasStarted(startMs + 2200), true);
  turn(startMs + 3000);
  assert.equal(startedMs(), startMs + 2000);
});

test('a program that serves later had started before', async (t) => {
  const { startMs, turn, startedMs } = startSide(t);
  const dueMs = startedMs();
  await serve(t);
  turn(startMs + 12_000);
  assert.equal(startedMs(), dueMs);
});
