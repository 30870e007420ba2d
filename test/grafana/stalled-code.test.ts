// Whose stalls there were within the time range.
import { readDashboard } from './dashboard.js';
import { inProcess, stalledBy, uptimeOf, uptimes } from './made-series.js';
import { queryOf, testCases } from './promtool-cases.js';

const overview = readDashboard('loopsight', 'overview.json');
const stalls = readDashboard('loopsight', 'stalls.json');

testCases('stalls count from the first one on', [
  {
    name: 'a graph has a stall that was the first of its function',
    series: { ...stalledBy('once', '_x10 40x10'), [uptimeOf('a')]: '86400+60x20' },
    expr: `round(${queryOf(overview, 206)}, 0.01)`,
    at: '11m',
    gives: { '{job="shop", code_function_name="once"}': 0.33 },
  },
  {
    name: 'and not for ever',
    series: { ...stalledBy('once', '_x10 40x10'), [uptimeOf('a')]: '86400+60x20' },
    expr: queryOf(overview, 206),
    at: '14m',
    gives: { '{job="shop", code_function_name="once"}': 0 },
  },
  {
    name: 'nor twice',
    series: { ...stalledBy('twice', '_x10 40 80x9'), [uptimeOf('a')]: '86400+60x20' },
    expr: `round(${queryOf(overview, 206)}, 0.01)`,
    at: '11m',
    gives: { '{job="shop", code_function_name="twice"}': 0.67 },
  },
  {
    name: 'nor where a process that ran for long is found',
    series: { ...stalledBy('once', '_x10 40x10'), [uptimeOf('a')]: '_x10 86400+60x10' },
    expr: queryOf(overview, 206),
    at: '11m',
    gives: { '{job="shop", code_function_name="once"}': 0 },
  },
  {
    name: 'the worst instance as well',
    series: { ...stalledBy('once', '_x10 60x10'), [uptimeOf('a')]: '86400+60x20' },
    expr: queryOf(stalls, 1001),
    at: '11m',
    gives: { '{}': 0.5 },
  },
  {
    name: 'which is never in stalls for longer than there is time',
    series: { ...stalledBy('once', '0x10 300x10'), [uptimeOf('a')]: '86400+60x20' },
    expr: queryOf(stalls, 1001),
    at: '11m',
    gives: { '{}': 1 },
  },
  {
    name: 'nor does it get shares of two loops',
    series: {
      ...stalledBy('once', '0+60x20'),
      'loopsight_eventloop_stall_time_seconds_total{job="shop", instance="a", thread_name="pool"}': '0+30x20',
    },
    expr: queryOf(stalls, 1105),
    at: '11m',
    gives: {
      '{job="shop", instance="a", thread_name="main"}': 1,
      '{job="shop", instance="a", thread_name="pool"}': 0.5,
    },
  },
  {
    name: 'a synchronous call that was made once is one',
    series: {
      'loopsight_blocking_call_duration_seconds_count{job="shop", instance="a", thread_name="main", blocking_call_name="fs.readFileSync"}':
        '_x10 1x10',
      [uptimeOf('a')]: '86400+60x20',
    },
    expr: queryOf(stalls, 1201, 1),
    at: '20m',
    gives: { '{job="shop", blocking_call_name="fs.readFileSync"}': 1 },
  },
  {
    name: 'a worker that died is one',
    series: {
      'loopsight_worker_exits_total{job="shop", instance="a", thread_name="pool", exit_code="1"}': '_x10 1x10',
      [uptimeOf('a')]: '86400+60x20',
    },
    expr: queryOf(overview, 603),
    at: '11m',
    gives: { '{job="shop", thread_name="pool", exit_code="1"}': 1 },
  },
  {
    name: 'the top culprit stalled once, and its counter began with that',
    series: {
      ...stalledBy('often', '0+1x20'),
      ...stalledBy('once', '_x10 40x10'),
      ...stalledBy('before', '300x20'),
    },
    expr: queryOf(overview, 114),
    at: '20m',
    gives: { '{job="shop", code_function_name="once"}': 40 },
  },
  {
    name: 'what a process did before it was first scraped is not of the time range',
    series: {
      ...stalledBy('once', '_x10 40x10'),
      [uptimeOf('a')]: '_x10 86400+60x10',
    },
    expr: queryOf(overview, 114),
    at: '20m',
    gives: {},
  },
  {
    name: 'what it did at its start is, and later than that as well',
    series: {
      ...stalledBy('once', '_x10 40x10'),
      [uptimeOf('a')]: '_x10 5+60x10',
      ...inProcess('b', stalledBy('later', '_x15 30x5')),
      [uptimeOf('b')]: '86400+60x20',
    },
    expr: queryOf(overview, 207),
    at: '20m',
    gives: { '{job="shop", code_function_name="once"}': 40, '{job="shop", code_function_name="later"}': 30 },
  },
  {
    name: 'the table of code that stalls loops has it too, and the rest under no name',
    series: {
      ...stalledBy('once', '_x10 40x10'),
      'loopsight_eventloop_stall_time_seconds_total{job="shop", instance="a", thread_name="main"}': '_x10 3x10',
      ...stalledBy('before', '300x20'),
    },
    expr: queryOf(overview, 207),
    at: '20m',
    gives: {
      '{job="shop", code_function_name="once"}': 40,
      '{job="shop", code_function_name="(no code to blame)"}': 3,
    },
  },
  {
    name: 'stalls are counted in whole numbers',
    series: {
      'loopsight_eventloop_stalls_total{job="shop", instance="a", thread_name="main"}': '_x10 1 2x9',
    },
    expr: queryOf(stalls, 1002),
    at: '20m',
    gives: { '{}': 2 },
  },
  {
    name: 'no stall ever is none, where processes report',
    series: uptimes('a'),
    expr: queryOf(stalls, 1002),
    at: '10m',
    gives: { '{}': 0 },
  },
  {
    name: 'and nothing spins',
    series: uptimes('a'),
    expr: queryOf(stalls, 1004),
    at: '10m',
    gives: { '{}': 0 },
  },
  {
    name: 'what nobody reports is not known',
    series: { 'up{job="shop"}': '0x20' },
    expr: queryOf(stalls, 1001),
    at: '10m',
    gives: {},
  },
]);
