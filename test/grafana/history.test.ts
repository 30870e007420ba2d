// After what it began, and what ran well before: markers, the last deploy, the last good version.
import { join } from 'node:path';
import { root } from '../support/instrumented.js';
import { readDashboard } from './dashboard.js';
import { lagOf, uptimeOf } from './made-series.js';
import { type Case, markersOf, queryOf, type Series, testCases } from './promtool-cases.js';

const FIRST_SEEN = 'job_version:loopsight_first_seen:timestamp_seconds';
const LAST_SEEN = 'job_version:loopsight_last_seen:timestamp_seconds';
const NEWEST = 'job_version:loopsight_newest:timestamp_seconds';
const LAG_P99 = 'job_version:loopsight_eventloop_lag_seconds:p99_rate5m';

const overview = readDashboard('loopsight', 'overview.json');

testCases('history is told from what the rules recorded', [
  {
    name: 'the last good version is the newest that was within its limits',
    series: {
      [`${FIRST_SEEN}{job="shop", service_version="1"}`]: '60x300',
      [`${FIRST_SEEN}{job="shop", service_version="2"}`]: '120x300',
      [`${FIRST_SEEN}{job="shop", service_version="3"}`]: '_x250 15000x50',
      [`${NEWEST}{job="shop", service_version="1"}`]: '60x1 _x299',
      [`${NEWEST}{job="shop", service_version="2"}`]: '_x2 120x247 _x51',
      [`${NEWEST}{job="shop", service_version="3"}`]: '_x250 15000x50',
      [`${LAG_P99}{job="shop", service_version="1"}`]: '0.01x300',
      [`${LAG_P99}{job="shop", service_version="2"}`]: '0.02x240 0.9x5 0.02x55',
      [`${LAG_P99}{job="shop", service_version="3"}`]: '_x250 0.5x50',
    },
    expr: queryOf(overview, 110),
    at: '5h',
    gives: { '{job="shop", service_version="2"}': 120_000 },
  },
  {
    name: 'what it suffers from its successor does not count',
    series: {
      [`${FIRST_SEEN}{job="shop", service_version="1"}`]: '60x200',
      [`${FIRST_SEEN}{job="shop", service_version="2"}`]: '_x60 3600x140',
      [`${NEWEST}{job="shop", service_version="1"}`]: '60x59 _x141',
      [`${NEWEST}{job="shop", service_version="2"}`]: '_x60 3600x140',
      [`${LAG_P99}{job="shop", service_version="1"}`]: '0.02x60 0.9x140',
      [`${LAG_P99}{job="shop", service_version="2"}`]: '_x60 0.9x140',
    },
    expr: queryOf(overview, 110),
    at: '3h',
    gives: { '{job="shop", service_version="1"}': 60_000 },
  },
  {
    name: 'a version is not good because few requests came while most failed',
    series: {
      [`${FIRST_SEEN}{job="shop", service_version="1"}`]: '60x200',
      [`${NEWEST}{job="shop", service_version="1"}`]: '60x200',
      [`${LAG_P99}{job="shop", service_version="1"}`]: '0.02x200',
      'job_version:http_server_requests_failed:ratio_rate5m{job="shop", service_version="1"}': '0.5x200',
    },
    expr: queryOf(overview, 110),
    at: '3h',
    gives: {},
  },
  {
    name: 'a deploy stands where the rules first saw it, and stays for an hour without them',
    series: {
      [`${FIRST_SEEN}{job="shop", service_version="1"}`]: '60x5',
      [uptimeOf('a')]: '0+60x90',
    },
    expr: markersOf(overview, 'Deploys'),
    at: '30m',
    gives: { '{job="shop", service_version="1"}': 60_000 },
  },
  {
    name: 'without rules it stands where the version appears',
    series: { [uptimeOf('a')]: '_x10 0+60x90' },
    expr: markersOf(overview, 'Deploys'),
    at: '10m',
    gives: { '{job="shop", service_version="1"}': 600_000 },
  },
  {
    name: 'and nowhere else',
    series: { [uptimeOf('a')]: '_x10 0+60x90' },
    expr: markersOf(overview, 'Deploys'),
    at: '11m',
    gives: {},
  },
  {
    name: 'a version that left while another stays has a marker where it was last there',
    series: {
      [`${LAST_SEEN}{job="shop", service_version="1"}`]: '0+60x20',
      [`${LAST_SEEN}{job="shop", service_version="2"}`]: '_x3 180+60x5',
    },
    expr: markersOf(overview, 'Versions gone'),
    at: '15m',
    gives: { '{job="shop", service_version="2"}': 480_000 },
  },
  {
    name: 'a job that is gone altogether has none',
    series: { [`${LAST_SEEN}{job="shop", service_version="1"}`]: '0+60x3' },
    expr: markersOf(overview, 'Versions gone'),
    at: '15m',
    gives: {},
  },
  {
    name: 'a restart in place has a marker',
    series: { [uptimeOf('a')]: '0+60x9 0+60x10', [uptimeOf('b')]: '0+60x20' },
    expr: markersOf(overview, 'Restarts'),
    at: '10m',
    gives: { '{job="shop"}': 1 },
  },
]);

/** A version for an hour, the next one beside it and then alone, and the way back. Their lag is 50 ms and 910 ms. */
const THERE_AND_BACK: Series = {
  ...running('a', '1', 60, '_x1 0+60x69 stale'),
  ...running('b', '2', 1, '_x60 0+60x40 stale'),
  ...running('c', '1', 60, '_x90 0+60x60'),
};
const LAST_DEPLOY = queryOf(overview, 109);
const LAST_GOOD = queryOf(overview, 110);
const DEPLOYS = markersOf(overview, 'Deploys');
const GONE = markersOf(overview, 'Versions gone');
const V1 = '{job="shop", service_version="1"}';
const V2 = '{job="shop", service_version="2"}';
const minutes = (count: number) => count * 60_000;

const there = (name: string, expr: string, at: number, gives: Case['gives']): Case => ({
  name,
  series: THERE_AND_BACK,
  expr,
  at: `${at}m`,
  gives,
});

testCases(
  'and from what the committed rules make of processes',
  [
    there('the first version is the last deploy', LAST_DEPLOY, 30, { [V1]: minutes(1) }),
    there('and good', LAST_GOOD, 30, { [V1]: minutes(1) }),
    there('the second has a marker of its own', DEPLOYS, 65, { [V1]: minutes(1), [V2]: minutes(60) }),
    there('none is gone while both run', GONE, 65, {}),
    there('the last deploy is the second', LAST_DEPLOY, 85, { [V2]: minutes(60) }),
    there('the last good one is the first', LAST_GOOD, 85, { [V1]: minutes(1) }),
    there('which is gone since then', GONE, 85, { [V1]: minutes(70) }),
    there('the way back is a deploy', LAST_DEPLOY, 120, { [V1]: minutes(90) }),
    there('of what was good before', LAST_GOOD, 120, { [V1]: minutes(90) }),
    there('and has a marker', DEPLOYS, 120, { [V1]: minutes(90), [V2]: minutes(60) }),
    there('the second is gone', GONE, 120, { [V2]: minutes(100) }),
  ],
  [join(root, 'grafana/rules/loopsight.rules.yml')],
);

/** A process that is probed 60 times a minute; `fast` of them waited for 100 ms at most. */
function running(instance: string, version: string, fast: number, probes: string): Series {
  const count = `loopsight_eventloop_lag_seconds_count{job="shop", instance="${instance}", service_version="${version}", thread_name="main"}`;
  return { ...lagOf(instance, probes.replace('+60x', `+${fast}x`), probes, version), [count]: probes };
}
