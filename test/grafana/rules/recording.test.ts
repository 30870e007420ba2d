// Recording rules say when a version began, also across outages and rollbacks, and what versions are compared by.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRuleGroups } from '../../../grafana/rules/render.js';
import { METRIC_SETS, type MetricSet } from '../../../grafana/sets.js';
import { METRICS } from '../../../src/metric-names.js';
import { requireTool } from '../../support/external-tools.js';
import { createSeriesBuilder, type InputSeries } from './input-series.js';
import { failureOf } from './promtool-tests.js';

interface Expectation {
  readonly minute: number;
  readonly expr: string;
  /** Values by version; by nothing where the record has none. */
  readonly values: Readonly<Record<string, number>>;
}

/** Minutes in which a version runs; it is scraped in all of them but those of an outage. */
type Runs = readonly (readonly [from: number, to: number])[];

const OUTAGE = [150, 170] as const;
const END = 240;

/** The values of what exists during `runs`: `of` the minute; Prometheus sees nothing during the outage. */
function during(runs: Runs, of: (minute: number) => number): string {
  return Array.from({ length: END + 1 }, (_, minute) => {
    const runsNow = runs.some(([from, to]) => minute >= from && minute <= to);
    const seen = minute < OUTAGE[0] || minute > OUTAGE[1];
    if (seen && runsNow) return String(Number(of(minute).toPrecision(9)));
    return seen && runs.some(([, to]) => minute === to + 1) ? 'stale' : '_';
  }).join(' ');
}

function replica(set: MetricSet, version: string, runs: Runs, perS: number, activeMs: number): readonly InputSeries[] {
  const build = createSeriesBuilder(set);
  const target = { instance: `${version}:9464` };
  const own = set.version === 'label' ? { ...target, service_version: version } : target;
  const main = { ...own, thread_name: 'main' };
  const growing = (each: number) => during(runs, (minute) => minute * 60 * each);
  const resource = { ...target, service_version: version, process_runtime_version: '24.0.0' };
  const lag = (suffix: '_bucket' | '_count', each: number, le = {}) =>
    build.series(set.nameOf(METRICS.eventLoopLag, suffix), { ...main, ...le }, growing(each));
  return [
    build.series(
      'target_info',
      resource,
      during(runs, () => 1),
    ),
    lag('_count', 20),
    lag('_bucket', 18, { le: '0.1' }),
    lag('_bucket', 20, { le: '0.25' }),
    lag('_bucket', 20, { le: '+Inf' }),
    build.series(set.nameOf(METRICS.httpServerRequestDuration, '_count'), own, growing(perS * 0.8)),
    build.series(
      set.nameOf(METRICS.httpServerRequestDuration, '_count'),
      { ...own, error_type: '500' },
      growing(perS * 0.2),
    ),
    build.series(
      set.nameOf(METRICS.eventLoopTime),
      { ...main, nodejs_eventloop_state: 'active' },
      growing((perS * activeMs) / 1000),
    ),
    build.series(set.nameOf(METRICS.gcDuration, '_sum'), main, growing((perS * 1) / 1000)),
  ];
}

/** Version 1, then 2, then back to 1, which is still there after an outage of Prometheus, and then 3 beside it. */
const seriesOf = (set: MetricSet) => [
  ...replica(
    set,
    '1',
    [
      [0, 60],
      [121, END],
    ],
    10,
    8,
  ),
  ...replica(set, '2', [[61, 120]], 10, 12),
  ...replica(set, '3', [[200, END]], 10, 16),
];

const FIRST = 'job_version:loopsight_first_seen:timestamp_seconds';
const NEWEST = 'job_version:loopsight_newest:timestamp_seconds';
const PREVIOUS = 'job_version:loopsight_previous:timestamp_seconds';

const EXPECTED: readonly Expectation[] = [
  { minute: 50, expr: FIRST, values: { '1': 0 } },
  { minute: 50, expr: PREVIOUS, values: {} },
  { minute: 110, expr: FIRST, values: { '2': 61 * 60 } },
  { minute: 110, expr: NEWEST, values: { '2': 61 * 60 } },
  { minute: 110, expr: PREVIOUS, values: { '1': 0 } },
  // The rollback is a deploy too.
  { minute: 140, expr: FIRST, values: { '1': 121 * 60 } },
  { minute: 140, expr: PREVIOUS, values: { '2': 61 * 60 } },
  // The outage is none.
  { minute: 160, expr: FIRST, values: {} },
  { minute: 190, expr: FIRST, values: { '1': 121 * 60 } },
  { minute: 190, expr: 'job_runtime:loopsight_first_seen:timestamp_seconds', values: { '': 0 } },
  { minute: 220, expr: FIRST, values: { '1': 121 * 60, '3': 200 * 60 } },
  { minute: 220, expr: NEWEST, values: { '3': 200 * 60 } },
  { minute: 220, expr: PREVIOUS, values: { '1': 121 * 60 } },
  { minute: 220, expr: 'job_version:loopsight_instances:count', values: { '1': 1, '3': 1 } },
  { minute: 220, expr: 'job_version:http_server_requests:rate5m', values: { '1': 10, '3': 10 } },
  { minute: 220, expr: 'job_version:http_server_requests_failed:ratio_rate5m', values: { '1': 0.2, '3': 0.2 } },
  {
    minute: 220,
    expr: 'round(job_version:nodejs_eventloop_active_seconds_per_request:ratio_rate5m, 0.0001)',
    values: { '1': 0.008, '3': 0.016 },
  },
  {
    minute: 220,
    expr: 'round(job_version:v8js_gc_seconds_per_request:ratio_rate5m, 0.0001)',
    values: { '1': 0.001, '3': 0.001 },
  },
  {
    minute: 220,
    expr: 'round(job_version:loopsight_eventloop_lag_slow:ratio_rate5m, 0.0001)',
    values: { '1': 0.1, '3': 0.1 },
  },
  {
    minute: 220,
    expr: 'round(job_version:loopsight_eventloop_lag_seconds:p99_rate5m, 0.0001)',
    values: { '1': 0.235, '3': 0.235 },
  },
  { minute: 120, expr: 'round(job:loopsight_eventloop_lag_slow:ratio_rate1h, 0.0001)', values: { '': 0.1 } },
  { minute: 220, expr: 'job:loopsight_slo_objective:ratio', values: { '': 0.999 } },
  { minute: 220, expr: 'job:loopsight_slo_bound_seconds:info', values: { '': 0.1 } },
];

for (const set of Object.values(METRIC_SETS)) {
  test(`versions, with metrics of ${set.title}`, (t) => {
    if (!requireTool(t, 'promtool', 'prometheus')) return;
    const { recording } = createRuleGroups(set, { sloObjective: 0.999 });
    const promql_expr_test = EXPECTED.map(({ minute, expr, values }) => ({
      expr,
      eval_time: `${minute}m`,
      exp_samples: Object.entries(values).map(([version, value]) => ({ labels: labelsOf(expr, version), value })),
    }));
    assert.equal(failureOf({ input_series: seriesOf(set), promql_expr_test }, recording), undefined);
  });
}

test('rules with matchers of jobs write nothing of other jobs, whose records another set may have made', (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  const { recording, alerts } = createRuleGroups(METRIC_SETS.loopsight, {
    sloObjective: 0.999,
    matchers: 'env="prod", job=~"shop|cart"',
  });
  const others = (job: string): readonly InputSeries[] => [
    { series: `${FIRST}{job="${job}", service_version="1"}`, values: '0x90' },
    { series: `${FIRST}{job="${job}", service_version="2"}`, values: '60x90' },
    ...['job_version:http_server_requests:rate5m', 'job_version:nodejs_eventloop_active:rate5m'].map((record) => ({
      series: `${record}{job="${job}", service_version="2"}`,
      values: '1x90',
    })),
    ...[
      'job:http_server_requests:rate5m',
      'job:loopsight_eventloop_lag_moments:rate5m',
      'job:loopsight_eventloop_lag_slow:rate5m',
    ].map((record) => ({ series: `${record}{job="${job}"}`, values: '1x90' })),
    {
      series: `ALERTS{alertname="LoopsightStarved", alertstate="firing", severity="page", job="${job}"}`,
      values: '1x90',
    },
  ];
  const written = (job: string) =>
    `count by (__name__, alertname) ({__name__=~"ALERTS|job.*:.*(newest|previous|ratio|rate1h).*", alertname!="LoopsightStarved", job="${job}"})`;
  const cases = {
    input_series: [...others('mail'), ...others('cart')],
    promql_expr_test: [
      { expr: written('mail'), eval_time: '80m', exp_samples: [] },
      { expr: `count(${written('cart')}) > bool 10`, eval_time: '80m', exp_samples: [{ labels: '{}', value: 1 }] },
    ],
  };
  assert.equal(failureOf(cases, [...recording, ...alerts]), undefined);
});

function labelsOf(expr: string, version: string): string {
  const name = expr.startsWith('round') ? '' : expr;
  const further =
    version === ''
      ? expr.startsWith('job_runtime')
        ? 'process_runtime_version="24.0.0"'
        : ''
      : `service_version="${version}"`;
  return `${name}{${['job="shop"', further].filter((label) => label !== '').join(', ')}}`;
}
