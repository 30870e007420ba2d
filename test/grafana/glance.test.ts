// What the first row of the overview says at three in the morning.
import { createQueries } from '../../grafana/dashboards/queries.js';
import { hurtInstances } from '../../grafana/dashboards/sections/glance/hurt.js';
import { METRIC_SETS } from '../../grafana/sets.js';
import { readDashboard } from './dashboard.js';
import { heapOf, lagOf, requestsOf, uptimeOf, uptimes } from './made-series.js';
import { queryOf, testCases } from './promtool-cases.js';

const loopsight = createQueries(METRIC_SETS.loopsight);
const overview = readDashboard('loopsight', 'overview.json');

testCases('who is in trouble, and by what', [
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
    expr: queryOf(overview, 112, 1),
    at: '15m',
    gives: { '{}': 1 },
  },
  {
    name: 'a restart with room in the heap is none',
    series: { ...heapOf('a', '50x20'), [uptimeOf('a')]: '0+60x9 0+60x10' },
    expr: queryOf(overview, 112, 1),
    at: '15m',
    gives: { '{}': 0 },
  },
  {
    name: 'a process in trouble is one of its group, not one of all',
    series: {
      ...uptimes('a', 'b'),
      [uptimeOf('c", process="1')]: '0+60x20',
      [uptimeOf('c", process="2')]: '0+60x20',
      ...lagOf('a', '0+60x20', '0+60x20'),
      ...lagOf('b', '0+60x20', '0+60x20'),
      ...lagOf('c", process="1', '0+1x20', '0+60x20'),
      ...lagOf('c", process="2', '0+1x20', '0+60x20'),
    },
    expr: queryOf(overview, 106),
    at: '10m',
    gives: { '{}': 0.5 },
  },
  {
    name: 'the worst process of a group does not hide behind the others',
    series: {
      ...lagOf('a", process="1', '0+600x20', '0+600x20'),
      ...lagOf('a", process="2', '0+0x20', '0+6x20'),
    },
    expr: `round(${queryOf(overview, 104)}, 0.001)`,
    at: '10m',
    gives: { '{job="shop", instance="a", process="2"}': 0.991 },
  },
  {
    name: 'nor does its full heap',
    series: { ...heapOf('a", process="1', '10x20'), ...heapOf('a", process="2', '95x20') },
    expr: queryOf(overview, 107, 6),
    at: '10m',
    gives: { '{}': 0.95 },
  },
  {
    name: 'and what throttles all of a group is counted once',
    series: {
      'loopsight_cgroup_throttled_time_seconds_total{job="shop", instance="a", process="1"}': '0+6x20',
      'loopsight_cgroup_throttled_time_seconds_total{job="shop", instance="a", process="2"}': '0+6x20',
    },
    expr: queryOf(overview, 803),
    at: '10m',
    gives: { '{job="shop", instance="a"}': 0.1 },
  },
  {
    name: 'slow for longer than an hour is still slower than before',
    series: requestsOf('0+60x1440 86400+0x120', '0+60x1440 86400+60x120'),
    expr: `round(${queryOf(overview, 107, 1)})`,
    at: '26h',
    gives: { '{}': 10 },
  },
  {
    name: 'without a day before, as slow as an hour before is no slower',
    series: requestsOf('0+0x130', '0+60x130'),
    expr: `round(${queryOf(overview, 107, 1)})`,
    at: '2h',
    gives: { '{}': 1 },
  },
]);
