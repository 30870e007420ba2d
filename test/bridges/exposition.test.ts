// Families of prom-client registries beside ours: whose name it is, and what stays as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METRICS } from '../../src/metric-names.js';
import { createExposition, STALE_AFTER_S } from '../../src/observer/exposition.js';
import { DEFAULT_FORMAT, type Format } from '../../src/prometheus/format.js';
import { SeriesTable } from '../../src/prometheus/snapshot.js';
import { createStore } from '../../src/recorder/store.js';
import { rethrow } from '../support/read-store.js';
import { type FamilyFixture, tableOf } from '../support/series-table.js';

const clock = { monotonicMs: () => 0, unixMs: () => 0 };
const OPENMETRICS: Format = { kind: 'openmetrics', version: '1.0.0', escaping: 'underscores' };

/** The text of an exposition with `theirs` and whatever `ours` records. */
function expose(
  theirs: readonly FamilyFixture[],
  {
    ours = () => {},
    ageS = 0,
    format = DEFAULT_FORMAT,
  }: { ours?: (store: ReturnType<typeof createStore>) => void; ageS?: number; format?: Format } = {},
) {
  const store = createStore({ clock, report: rethrow });
  ours(store);
  const table = new SeriesTable();
  table.apply(store.open().read());
  const told: string[] = [];
  const exposition = createExposition({
    table,
    registries: tableOf(...theirs.map((family) => ({ ...family, isPrometheusName: true }))),
    ageS: () => ageS,
    live: createStore({ clock, report: rethrow }).open(),
    constantLabels: { service_version: '1' },
    resource: {},
    report: (_cause, error) => told.push(String(error)),
  });
  return { text: [...exposition(format)].join(''), told };
}

const REQUESTS: FamilyFixture = {
  name: 'http_server_request_duration_seconds',
  kind: 'histogram',
  description: 'Theirs.',
  bounds: [1],
  series: [[{ method: 'GET' }, 2, 1, 3]],
};

test('a name that the registry has is theirs, also where ours is of the same type', () => {
  const { text, told } = expose([REQUESTS], {
    ours: (store) => store.histogram(METRICS.httpServerRequestDuration, { 'http.request.method': 'GET' }).record(0.5),
  });
  assert.deepEqual(
    text.split('\n').filter((line) => line.includes('http_server')),
    [
      '# HELP http_server_request_duration_seconds Theirs.',
      '# TYPE http_server_request_duration_seconds histogram',
      'http_server_request_duration_seconds_bucket{method="GET",le="1"} 2',
      'http_server_request_duration_seconds_bucket{method="GET",le="+Inf"} 3',
      'http_server_request_duration_seconds_sum{method="GET"} 3',
      'http_server_request_duration_seconds_count{method="GET"} 3',
    ],
  );
  assert.deepEqual(told, ['Error: http.server.request.duration (conflict)'], 'and somebody is told');
});

test('a sample name that they have is theirs', () => {
  const { text } = expose([{ name: 'loopsight_queue_tasks_total', kind: 'gauge', series: [[{}, 7]] }], {
    ours: (store) => store.sum(METRICS.queueTasks, { 'queue.name': 'mail' }).add(1),
  });
  assert.match(text, /^# TYPE loopsight_queue_tasks_total gauge\nloopsight_queue_tasks_total 7$/m);
});

test('theirs get no labels of ours, and ours keep them', () => {
  const { text } = expose([{ name: 'a:b', series: [[{ c: 'd' }, 1]] }], {
    ours: (store) => store.sum(METRICS.workers).add(2),
  });
  assert.match(text, /^a:b\{c="d"\} 1$/m);
  assert.match(text, /^loopsight_workers\{service_version="1"\} 2$/m);
});

test('a counter is called the same in both formats, with a suffix and without', () => {
  const theirs: FamilyFixture[] = [
    { name: 'plain', kind: 'counter', series: [[{}, 1]] },
    { name: 'suffixed_total', kind: 'counter', series: [[{}, 2]] },
  ];
  const inText = expose(theirs).text;
  assert.match(inText, /^# TYPE plain counter\nplain 1$/m);
  assert.match(inText, /^# TYPE suffixed_total counter\nsuffixed_total 2$/m);
  const inOpenMetrics = expose(theirs, { format: OPENMETRICS }).text;
  assert.match(inOpenMetrics, /^# TYPE plain unknown$/m);
  assert.match(inOpenMetrics, /^plain 1(\.0)?$/m);
  assert.match(inOpenMetrics, /^# TYPE suffixed counter$/m);
  assert.match(inOpenMetrics, /^suffixed_total 2(\.0)?$/m);
  assert.doesNotMatch(inOpenMetrics, /_created/, 'nobody knows when they began');
});

test('a summary is shown in both formats', () => {
  const theirs: FamilyFixture[] = [
    { name: 'size', kind: 'summary', quantiles: [0.5, 0.99], series: [[{ of: 'x' }, 2, 3, 10, 4]] },
  ];
  for (const format of [DEFAULT_FORMAT, OPENMETRICS]) {
    const { text } = expose(theirs, { format });
    assert.match(text, /^# TYPE size summary$/m);
    assert.match(text, /^size\{of="x",quantile="0\.5"\} 2(\.0)?$/m);
    assert.match(text, /^size_sum\{of="x"\} 10(\.0)?$/m);
    assert.match(text, /^size_count\{of="x"\} 4$/m);
  }
});

test('of figures that grew old only their counters and histograms are shown', () => {
  const theirs: FamilyFixture[] = [
    { name: 'depth', kind: 'gauge', series: [[{}, 1]] },
    { name: 'jobs_total', kind: 'counter', series: [[{}, 2]] },
    REQUESTS,
  ];
  const { text } = expose(theirs, { ageS: STALE_AFTER_S + 1 });
  assert.doesNotMatch(text, /^depth/m);
  assert.match(text, /^jobs_total 2$/m);
  assert.match(text, /^http_server_request_duration_seconds_count/m);
});
