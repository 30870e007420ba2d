// What Linux tells of a thread: read from this process's own.
import assert from 'node:assert/strict';
import { existsSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { watchScheduler } from '../../../src/stalls/watch/scheduler.js';

test('a thread that computes has processor time, or waits for it', (t) => {
  if (!existsSync('/proc/thread-self/schedstat')) return t.skip('needs the scheduler statistics of Linux');
  const thread = Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0]);
  const watch = watchScheduler(thread);
  const startMs = performance.now();
  assert.equal(watch.sample(startMs, true), undefined, 'the first call has nothing to compare with');
  while (performance.now() - startMs < 100);
  const sample = watch.sample(performance.now(), true);
  assert.ok(sample !== undefined);
  assert.ok(sample.wallMs >= 100);
  assert.ok(sample.cpuMs > 0);
  assert.ok(sample.cpuMs + sample.runQueueMs >= 70, `${sample.cpuMs} + ${sample.runQueueMs} ms`);
  assert.equal(sample.state, 'R');
  assert.equal(sample.waitsIn, '');
  assert.equal(watch.sample(performance.now(), false)?.state, '', 'the state is read where it is asked for');
});

test('of a thread that does not exist nothing is told', () => {
  const watch = watchScheduler(2 ** 30);
  assert.deepEqual([watch.sample(0, true), watch.sample(100, true)], [undefined, undefined]);
});
