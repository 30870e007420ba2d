// A candidate against a baseline.
import { readDashboard } from './dashboard.js';
import { lagOf } from './made-series.js';
import { answerOf, chosen, queryOf, testCases } from './promtool-cases.js';

const FIRST_SEEN = 'job_version:loopsight_first_seen:timestamp_seconds';

const deploys = readDashboard('loopsight', 'deploys.json');

testCases('a candidate is told by its baseline', [
  {
    name: 'the baseline is of the job of the candidate, although another job left a version since',
    series: {
      [`${FIRST_SEEN}{job="shop", service_version="1"}`]: '60x20',
      [`${FIRST_SEEN}{job="shop", service_version="2"}`]: '_x10 600x10',
      [`${FIRST_SEEN}{job="till", service_version="8"}`]: '120x20',
      [`${FIRST_SEEN}{job="till", service_version="9"}`]: '180x20',
    },
    expr: `topk(1, ${answerOf(deploys, 'baseline')})`,
    at: '20m',
    gives: { '{job="shop", service_version="1"}': 60 },
  },
  {
    name: 'the candidate is told as a multiple of the baseline',
    series: {
      ...lagOf('a', '0+60x20', '0+60x20'),
      ...lagOf('b', '0+0x20', '0+60x20', '2'),
    },
    expr: `round(${chosen(queryOf(deploys, 1802), { baseline: '1', candidate: '2' })}, 0.1)`,
    at: '20m',
    gives: { '{job="shop"}': 10 },
  },
  {
    name: 'code that nobody blames has a name of its own in the table of what moved',
    series: {
      'loopsight_eventloop_stall_time_seconds_total{job="shop", instance="a", service_version="1", thread_name="main"}':
        '0+6x20',
      'nodejs_eventloop_time_seconds_total{job="shop", instance="a", service_version="1", thread_name="main", nodejs_eventloop_state="idle"}':
        '0+60x20',
    },
    expr: `round(${chosen(queryOf(deploys, 2102, 1), { baseline: '1', candidate: '2' })}, 0.001)`,
    at: '20m',
    gives: { '{job="shop", code_function_name="(no code to blame)"}': 0.1 },
  },
]);
