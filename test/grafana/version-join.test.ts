// Where the version of a process is no label of its series, it comes from target_info.
import { grown } from '../../grafana/dashboards/growth.js';
import { aggregate, createQueries } from '../../grafana/dashboards/queries.js';
import { METRIC_SETS } from '../../grafana/sets.js';
import { METRICS } from '../../src/metric-names.js';
import { stalledOf } from './made-series.js';
import { chosen, type Series, testCases } from './promtool-cases.js';

const otlp = createQueries(METRIC_SETS.otlp);
const byVersion = aggregate('sum', ['job', 'service_version'], otlp.series(METRICS.eventLoopUtilization));
const stalledByVersion = aggregate(
  'sum',
  ['service_version'],
  otlp.over('increase', METRICS.stallTime, { range: '$__range' }),
);

const LOOP = 'nodejs_eventloop_utilization_ratio{job="shop", instance="a", thread_name="main"}';
const UPTIME = 'process_uptime_seconds{job="shop", instance="a"}';
const info = (version: string, instance = 'a') =>
  `target_info{job="shop", instance="${instance}", service_version="${version}"}`;

/** OTLP leaves the old version's target_info behind: it is found for five more minutes. */
const DEPLOYED: Series = { [LOOP]: '0.5x20', [UPTIME]: '0+60x20', [info('1')]: '1x5', [info('2')]: '_x5 1x15' };

testCases('each series has the version of its process', [
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
    name: 'also what it did once, as soon as it was there',
    series: { ...stalledOf('a', '_x5 40x5'), [info('1')]: '1x10 stale', [info('2', 'b')]: '_x10 1x10' },
    expr: grown(otlp, METRICS.stallTime, ['service_version']),
    at: '20m',
    gives: { '{service_version="1"}': 40 },
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
]);
