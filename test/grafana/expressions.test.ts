// What the harder expressions of dashboards say, of made series: promtool evaluates them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { aggregate, createQueries } from '../../grafana/dashboards/queries.js';
import { hurtInstances } from '../../grafana/dashboards/sections/glance/hurt.js';
import { METRIC_SETS } from '../../grafana/sets.js';
import { METRICS } from '../../src/metric-names.js';
import { requirePrometheus3, requireTool } from '../support/external-tools.js';
import { type Choice, substitute } from './answers.js';
import { chartsOf, readDashboard } from './dashboard.js';

/** Series, as promtool writes their values: one a minute. */
type Series = Readonly<Record<string, string>>;

interface Case {
  readonly name: string;
  readonly series: Series;
  readonly expr: string;
  readonly at: string;
  /** Values by labels. */
  readonly gives: Readonly<Record<string, number>>;
}

const ALL: Choice = { job: '.+', instance: '.*', version: '.*', thread: '.*' };
const otlp = createQueries(METRIC_SETS.otlp);
const loopsight = createQueries(METRIC_SETS.loopsight);
const byVersion = aggregate('sum', ['job', 'service_version'], otlp.series(METRICS.eventLoopUtilization));
const overview = readDashboard('loopsight', 'overview.json');

const stalledByVersion = aggregate(
  'sum',
  ['service_version'],
  otlp.over('increase', METRICS.stallTime, { range: '$__range' }),
);

const LOOP = 'nodejs_eventloop_utilization_ratio{job="shop", instance="a", thread_name="main"}';
const UPTIME = 'process_uptime_seconds{job="shop", instance="a"}';
const info = (version: string, instance = 'a') =>
  `target_info{job="shop", instance="${instance}", service_version="${version}"}`;
const FIRST_SEEN = 'job_version:loopsight_first_seen:timestamp_seconds';
const LAST_SEEN = 'job_version:loopsight_last_seen:timestamp_seconds';
const LAG_P99 = 'job_version:loopsight_eventloop_lag_seconds:p99_rate5m';

/** OTLP leaves the old version's target_info behind: it is found for five more minutes. */
const DEPLOYED: Series = { [LOOP]: '0.5x20', [UPTIME]: '0+60x20', [info('1')]: '1x5', [info('2')]: '_x5 1x15' };

const cases: readonly Case[] = [
  {
    name: 'before a deploy it is the old version',
    series: DEPLOYED,
    expr: byVersion,
    at: '5m',
    gives: { '{job="shop", service_version="1"}': 0.5 },
  },
  {
    name: 'after it the new one, once',
    series: DEPLOYED,
    expr: byVersion,
    at: '7m',
    gives: { '{job="shop", service_version="2"}': 0.5 },
  },
  {
    name: 'the old version is no longer there',
    series: DEPLOYED,
    expr: chosen(byVersion, { version: '1' }),
    at: '7m',
    gives: {},
  },
  {
    name: 'a process without target_info is among all versions',
    series: { [LOOP]: '0.5x20', [UPTIME]: '0+60x20', [info('1', 'b')]: '1x20' },
    expr: byVersion,
    at: '7m',
    gives: { '{job="shop"}': 0.5 },
  },
  {
    name: 'and is of no version',
    series: { [LOOP]: '0.5x20', [UPTIME]: '0+60x20', [info('1', 'b')]: '1x20' },
    expr: chosen(byVersion, { version: '1' }),
    at: '7m',
    gives: {},
  },
  {
    name: 'who pushes without an instance has a version all the same',
    series: {
      'nodejs_eventloop_utilization_ratio{job="shop", thread_name="main"}': '0.5x20',
      'target_info{job="shop", service_version="1"}': '1x20',
    },
    expr: byVersion,
    at: '7m',
    gives: { '{job="shop", service_version="1"}': 0.5 },
  },
  {
    name: 'what a process did that is gone counts for its version',
    series: {
      ...stalledOf('a', '0+6x10'),
      [info('1')]: '1x10 stale',
      ...stalledOf('b', '_x10 0+12x10'),
      [info('2', 'b')]: '_x10 1x10',
    },
    expr: `round(${stalledByVersion}, 10)`,
    at: '20m',
    // Of 60 and 120 s: at an end, rates over two minutes lose a part of one.
    gives: { '{service_version="1"}': 60, '{service_version="2"}': 110 },
  },
  {
    name: 'a deploy in place parts what was before from what is after',
    series: { ...stalledOf('a', '0+6x10 60+0x10'), [info('1')]: '1x10 stale', [info('2')]: '_x11 1x10' },
    expr: `round(${stalledByVersion}, 10)`,
    at: '20m',
    gives: { '{service_version="1"}': 60, '{service_version="2"}': 0 },
  },
  {
    name: 'a rate keeps its buckets when the version is joined',
    series: {
      'loopsight_eventloop_lag_seconds_bucket{job="shop", instance="a", thread_name="main", le="0.1"}': '0+60x20',
      'loopsight_eventloop_lag_seconds_bucket{job="shop", instance="a", thread_name="main", le="+Inf"}': '0+60x20',
      [info('1')]: '1x20',
    },
    expr: otlp.quantile(0.5, METRICS.eventLoopLag, ['service_version']),
    at: '10m',
    gives: { '{service_version="1"}': 0.05 },
  },
  {
    name: 'an instance in trouble is counted once, however many signs of it there are',
    series: {
      ...uptimes('a', 'b'),
      ...lagOf('a', '0+1x20', '0+60x20'),
      ...lagOf('b', '0+60x20', '0+60x20'),
      'http_server_request_duration_seconds_count{job="shop", instance="a", service_version="1", error_type="500"}':
        '0+6x20',
      'http_server_request_duration_seconds_count{job="shop", instance="b", service_version="1"}': '0+60x20',
    },
    expr: hurtInstances(loopsight, ['job', 'service_version']),
    at: '10m',
    gives: { '{job="shop", service_version="1"}': 1 },
  },
  {
    name: 'none in trouble is zero',
    series: { ...uptimes('a'), ...lagOf('a', '0+60x20', '0+60x20') },
    expr: hurtInstances(loopsight, ['job', 'service_version']),
    at: '10m',
    gives: { '{job="shop", service_version="1"}': 0 },
  },
  {
    name: 'a restart with a full heap is one',
    series: {
      ...heapOf('a', '50x5 95x4 20x10'),
      [uptimeOf('a')]: '0+60x9 0+60x10',
      ...heapOf('b', '95x20'),
      [uptimeOf('b')]: '0+60x20',
    },
    expr: queryOf(112, 1),
    at: '15m',
    gives: { '{}': 1 },
  },
  {
    name: 'a restart with room in the heap is none',
    series: { ...heapOf('a', '50x20'), [uptimeOf('a')]: '0+60x9 0+60x10' },
    expr: queryOf(112, 1),
    at: '15m',
    gives: { '{}': 0 },
  },
  {
    name: 'the last good version is the newest that was within its limits',
    series: {
      [`${FIRST_SEEN}{job="shop", service_version="1"}`]: '60x20',
      [`${FIRST_SEEN}{job="shop", service_version="2"}`]: '120x20',
      [`${FIRST_SEEN}{job="shop", service_version="3"}`]: '_x10 600x10',
      [`${LAG_P99}{job="shop", service_version="1"}`]: '0.01x20',
      [`${LAG_P99}{job="shop", service_version="2"}`]: '0.02x18 0.9',
      [`${LAG_P99}{job="shop", service_version="3"}`]: '_x10 0.5x10',
    },
    expr: queryOf(110, 0),
    at: '20m',
    gives: { '{job="shop", service_version="2"}': 120_000 },
  },
  {
    name: 'a deploy stands where the rules first saw it, and stays for an hour without them',
    series: {
      [`${FIRST_SEEN}{job="shop", service_version="1"}`]: '60x5',
      [uptimeOf('a')]: '0+60x90',
    },
    expr: markersOf('Deploys'),
    at: '30m',
    gives: { '{job="shop", service_version="1"}': 60_000 },
  },
  {
    name: 'without rules it stands where the version appears',
    series: { [uptimeOf('a')]: '_x10 0+60x90' },
    expr: markersOf('Deploys'),
    at: '10m',
    gives: { '{job="shop", service_version="1"}': 600_000 },
  },
  {
    name: 'and nowhere else',
    series: { [uptimeOf('a')]: '_x10 0+60x90' },
    expr: markersOf('Deploys'),
    at: '11m',
    gives: {},
  },
  {
    name: 'a version that left while another stays has a marker where it was last there',
    series: {
      [`${LAST_SEEN}{job="shop", service_version="1"}`]: '0+60x20',
      [`${LAST_SEEN}{job="shop", service_version="2"}`]: '_x3 180+60x5',
    },
    expr: markersOf('Versions gone'),
    at: '15m',
    gives: { '{job="shop", service_version="2"}': 480_000 },
  },
  {
    name: 'a job that is gone altogether has none',
    series: { [`${LAST_SEEN}{job="shop", service_version="1"}`]: '0+60x3' },
    expr: markersOf('Versions gone'),
    at: '15m',
    gives: {},
  },
  {
    name: 'a restart in place has a marker',
    series: { [uptimeOf('a')]: '0+60x9 0+60x10', [uptimeOf('b')]: '0+60x20' },
    expr: markersOf('Restarts'),
    at: '10m',
    gives: { '{job="shop"}': 1 },
  },
];

test('expressions say what they should', (t) => {
  if (requireTool(t, 'promtool', 'prometheus')) evaluate('promtool');
});

test('and to Prometheus 3, whose ranges are open to the left', (t) => {
  const folder = requirePrometheus3(t);
  if (folder !== undefined) evaluate(join(folder, 'promtool'));
});

function evaluate(promtool: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-expressions-'));
  try {
    const file = join(folder, 'cases.yml');
    // JSON is YAML.
    writeFileSync(
      file,
      JSON.stringify({ rule_files: [], evaluation_interval: '1m', tests: cases.map(asPromtoolTest) }),
    );
    const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}${stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function asPromtoolTest({ name, series, expr, at, gives }: Case) {
  return {
    name,
    interval: '1m',
    input_series: Object.entries(series).map(([key, values]) => ({ series: key, values })),
    promql_expr_test: [
      {
        expr: chosen(expr, ALL),
        eval_time: at,
        exp_samples: Object.entries(gives).map(([labels, value]) => ({ labels, value })),
      },
    ],
  };
}

function chosen(expr: string, choice: Choice): string {
  return substitute(expr, choice, { rateInterval: '2m', interval: '1m', range: '20m' });
}

function queryOf(id: number, index: number): string {
  const target = chartsOf(overview).find((panel) => panel.id === id)?.targets?.[index];
  assert.ok(target !== undefined, `There is no query ${index} of panel ${id}`);
  return target.expr;
}

function markersOf(name: string): string {
  const annotation = overview.annotations.list.find((entry) => entry.name === name);
  assert.ok(annotation !== undefined, name);
  return annotation.expr;
}

function uptimeOf(instance: string): string {
  return `process_uptime_seconds{job="shop", instance="${instance}", service_version="1"}`;
}

function uptimes(...instances: readonly string[]): Series {
  return Object.fromEntries(instances.map((instance) => [uptimeOf(instance), '0+60x20']));
}

/** `fast` of `all` probes a minute waited for 100 ms at most. */
function lagOf(instance: string, fast: string, all: string): Series {
  const series = (le: string) =>
    `loopsight_eventloop_lag_seconds_bucket{job="shop", instance="${instance}", service_version="1", thread_name="main", le="${le}"}`;
  return { [series('0.1')]: fast, [series('1')]: all, [series('+Inf')]: all };
}

function stalledOf(instance: string, seconds: string): Series {
  const labels = `{job="shop", instance="${instance}", thread_name="main", code_function_name="f"}`;
  return { [`loopsight_eventloop_stall_time_seconds_total${labels}`]: seconds };
}

function heapOf(instance: string, used: string): Series {
  const labels = `{job="shop", instance="${instance}", service_version="1", thread_name="main"}`;
  return { [`v8js_memory_heap_used_bytes${labels}`]: used, [`loopsight_heap_limit_bytes${labels}`]: '100x20' };
}
