// Queries of runbooks answer when their alert has fired: of what is gone, what is over, and what happened once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METRIC_SETS } from '../../../grafana/sets.js';
import { METRICS } from '../../../src/metric-names.js';
import { requireTool } from '../../support/external-tools.js';
import { createSeriesBuilder, type InputSeries } from './input-series.js';
import { failureOf } from './promtool-tests.js';
import { RUNBOOKS } from './runbooks.js';

interface Answer {
  readonly runbook: string;
  /** What the query has in it, by which it is found. */
  readonly query: string;
  readonly series: readonly InputSeries[];
  readonly samples: readonly { readonly labels: string; readonly value: number }[];
}

/** When somebody reads the runbook. */
const MINUTE = 30;
const build = createSeriesBuilder(METRIC_SETS.loopsight);
const uptime = build.set.nameOf(METRICS.processUptime);
const stallTime = build.set.nameOf(METRICS.stallTime);
const code = (name: string) => ({
  thread_name: 'main',
  loopsight_stall_cause: 'sync_io',
  code_function_name: name,
  code_file_path: 'src/a.ts',
});
const culprit = (name: string) =>
  `{code_file_path="src/a.ts", code_function_name="${name}", loopsight_stall_cause="sync_io"}`;

const RENDER = { queue_name: 'render', queue_type: 'piscina' };

const ANSWERS: readonly Answer[] = [
  {
    runbook: 'blocked',
    query: 'increase(',
    // One block of 40 s, by a function that never stalled before.
    series: [
      build.series(stallTime, code('once'), '_x25 40x60'),
      build.series(stallTime, code('usual'), '0+0.5x90'),
      build.series(stallTime, code('longAgo'), '90x90'),
    ],
    samples: [
      { labels: culprit('once'), value: 40 },
      { labels: culprit('usual'), value: 5 },
      { labels: culprit('longAgo'), value: 0 },
    ],
  },
  {
    runbook: 'pool-saturated',
    query: '_count',
    // Four slots, all taken, of the eight that are needed.
    series: [
      build.series(build.set.nameOf(METRICS.queueTasks), { ...RENDER, queue_task_state: 'added' }, '0+960x90'),
      build.series(build.set.nameOf(METRICS.queueRunDuration, '_sum'), RENDER, '0+240x90'),
      build.series(build.set.nameOf(METRICS.queueRunDuration, '_count'), RENDER, '0+480x90'),
    ],
    samples: [{ labels: '{queue_name="render"}', value: 8 }],
  },
  {
    runbook: 'target-down',
    query: 'timestamp(',
    series: [
      build.series(uptime, { instance: 'gone:9464' }, '0+60x10 stale'),
      build.series(uptime, { instance: 'here:9464' }, '0+60x90'),
    ],
    samples: [
      { labels: '{instance="gone:9464"}', value: 20 * 60 },
      { labels: '{instance="here:9464"}', value: 0 },
    ],
  },
  {
    runbook: 'paged',
    query: 'ALERTS',
    series: [
      build.series('ALERTS', { alertname: 'LoopsightStarved', alertstate: 'firing', severity: 'page' }, '1x5 stale'),
      build.series('ALERTS', { alertname: 'LoopsightStalls', alertstate: 'firing', severity: 'ticket' }, '1x90'),
    ],
    samples: [{ labels: '{alertname="LoopsightStarved"}', value: 1 }],
  },
  ...['starved', 'regression'].map((runbook) => ({
    runbook,
    query: 'first_seen:timestamp_seconds{job="JOB"})',
    series: [
      build.series('job_version:loopsight_first_seen:timestamp_seconds', { service_version: '1.5.0' }, '600x90'),
    ],
    samples: [{ labels: '{instance="web-1:9464", job="shop", service_version="1.5.0"}', value: 20 }],
  })),
];

for (const { runbook, query, series, samples } of ANSWERS) {
  test(`${runbook} tells what it is asked for with ${query}`, (t) => {
    if (!requireTool(t, 'promtool', 'prometheus')) return;
    const queries = RUNBOOKS.find(({ name }) => name === runbook)?.queries.filter((each) => each.includes(query)) ?? [];
    assert.equal(queries.length, 1);
    const promql_expr_test = queries.map((each) => ({
      expr: each.replaceAll('JOB', 'shop'),
      eval_time: `${MINUTE}m`,
      exp_samples: samples,
    }));
    assert.equal(failureOf({ input_series: series, promql_expr_test }), undefined);
  });
}
