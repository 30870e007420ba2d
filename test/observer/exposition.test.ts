// Figures that grew old: totals stay, gauges do not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import { createExposition, STALE_AFTER_S } from '../../src/observer/exposition.js';
import { openHeartbeat } from '../../src/observer/heartbeat.js';
import { DEFAULT_FORMAT } from '../../src/prometheus/format.js';
import { SeriesTable } from '../../src/prometheus/snapshot.js';
import { createStore } from '../../src/recorder/store.js';

const clock = { monotonicMs: () => 0, unixMs: () => 0 };
const newStore = () => createStore({ clock, report: (error) => assert.fail(String(error)) });

test('of figures older than the bound only counters and histograms are shown', () => {
  const main = newStore();
  const table = new SeriesTable();
  main.sum(METRICS.queueTasks, { [ATTRIBUTES.queueName]: 'mail' }).add(1);
  main.histogram(METRICS.eventLoopLag, { [ATTRIBUTES.threadName]: 'main' }).record(0.1);
  main.observation(METRICS.queueDepth, { [ATTRIBUTES.queueName]: 'mail' }).set(3);
  main.sum(METRICS.workers).add(1);
  table.apply(main.open().read());
  let ageS = 0;
  const exposition = createExposition({
    table,
    ageS: () => ageS,
    live: newStore().open(),
    constantLabels: {},
    resource: {},
    report: (cause) => assert.fail(cause),
  });
  const render = () => [...exposition(DEFAULT_FORMAT)].join('');
  assert.match(render(), /^loopsight_queue_depth\{/m);
  ageS = STALE_AFTER_S + 1;
  const stale = render();
  assert.match(stale, /^loopsight_queue_tasks_total\{/m);
  assert.match(stale, /^loopsight_eventloop_lag_seconds_count\{/m);
  assert.doesNotMatch(stale, /^loopsight_queue_depth|^loopsight_workers/m);
});

test('a heartbeat tells how long its loop is overdue, from the same memory', () => {
  const loop = openHeartbeat();
  const observer = openHeartbeat(loop.buffer);
  assert.ok(Number.isNaN(observer.blockedMs(5)));
  loop.record.set([100, 150]);
  assert.equal(observer.blockedMs(140), 0);
  assert.equal(observer.blockedMs(160), 0, 'a few milliseconds late is no block');
  assert.equal(observer.blockedMs(1150), 1000);
});
