// Waits and runs of a queue's tasks lead to the span that added them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { queuesMonitor } from '../../instrumentations/queues/index.js';
import { queueMonitor } from '../../instrumentations/queues/queue-monitor.js';
import type { Clock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { madeSpan, openExemplars } from '../support/read-exemplars.js';
import { rethrow } from '../support/read-store.js';

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
// Time stands still, so that all durations fall into one bucket, which has one exemplar: the last.
const clock: Clock = { monotonicMs: () => 1000, unixMs: () => 0 };
const store = createStore({ clock, report: rethrow });
const monitor = queuesMonitor.start({ recorder: store, clock, shared: false, report: rethrow });
after(() => {
  monitor.stop();
  context.disable();
});
const read = openExemplars(store);

function within<T>(number: number, act: () => T, traceFlags = 1): T {
  return context.with(trace.setSpanContext(ROOT_CONTEXT, madeSpan(number, traceFlags)), act);
}

/** The numbers of the spans by what they are exemplars of. */
function shown(queue: string): Record<string, number> {
  const found = read().filter(({ series }) => series.includes(`queue.name=${queue},`));
  return Object.fromEntries(
    found.map(({ series, traceId }) => [
      /queue\.task\.state=(\w+)/.exec(series)?.[1] ?? /queue\.(\w+)\.duration/.exec(series)?.[1],
      Number.parseInt(traceId.replace(/^4+/, ''), 16),
    ]),
  );
}

test('a task belongs to the span that added it, whoever runs it', () => {
  const queue = queueMonitor('tasks');
  const task = within(1, () => queue.added());
  within(2, () => task.started());
  within(3, () => task.finished());
  assert.deepEqual(shown('tasks'), { wait: 1, run: 1, added: 1, completed: 1 });
  queue.stop();
});

test('a task that nobody added in a span belongs to the one that started it', () => {
  const queue = queueMonitor('started');
  const task = queue.added();
  within(2, () => task.started());
  task.failed();
  assert.deepEqual(shown('started'), { wait: 2, run: 2, failed: 2 });
  queue.stop();
});

test('calls on the monitor take the spans with the tasks, in their order', () => {
  const queue = queueMonitor('line');
  for (const number of [1, 2, 3]) within(number, () => queue.added());
  within(7, () => queue.started());
  queue.started();
  queue.dropped();
  queue.finished();
  assert.deepEqual(shown('line'), { wait: 2, run: 1, added: 3, completed: 1, dropped: 3 });
  queue.failed();
  assert.deepEqual(shown('line'), { wait: 2, run: 2, added: 3, completed: 1, dropped: 3, failed: 2 });
  queue.stop();
});

test('a span that is not sampled is none', () => {
  const queue = queueMonitor('unsampled');
  const task = within(1, () => queue.added(), 0);
  task.started();
  task.finished();
  assert.deepEqual(shown('unsampled'), {});
  queue.stop();
});
