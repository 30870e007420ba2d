// Stalls: how much of the time they take, whose they are, and what caused them.
import { METRICS, type MetricDefinition } from '../../../src/metric-names.js';
import { BLOCKED_S, SPINNING_SHARE, STALLED_SHARE } from '../../../src/status/thresholds.js';
import { grown, growthRate, orNone } from '../growth.js';
import { BY_CODE, BY_JOB, BY_LOOP, BY_VERSION, LABELS, LOOP } from '../labels.js';
import type { Section } from '../layout.js';
import { heatmap } from '../panels/heatmap.js';
import { stat } from '../panels/stat.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';
import { stalledCodeGraph, stalledCodeTable } from './stalled-code.js';

const CODE = `{{${LABELS.job}}} {{${LABELS.function}}} {{${LABELS.file}}}`;
const VERSION = `{{${LABELS.job}}} {{${LABELS.version}}}`;
const BY_CAUSE = [...BY_JOB, LABELS.stallCause] as const;
/** Half of the time in stalls is an outage. */
const STALLED_CRITICAL = 0.5;
const LONG_STALL_S = 1;

export function stallGlance(queries: Queries): Section {
  const { has, quantile, series } = queries;
  const worst = (metric: MetricDefinition) => aggregate('max', [], shareOf(queries, metric));
  return {
    id: 10,
    title: 'Do loops stop, and for how long?',
    lines: [
      {
        height: 5,
        panels: [
          stat({
            id: 1001,
            title: 'Time in stalls, worst instance',
            description:
              'Share of the time in which the loop of the worst instance did not turn. Nothing else happened there meanwhile: no request, no timer. From 1 % on users notice it at p99.',
            unit: 'percentunit',
            limits: { warning: STALLED_SHARE, critical: STALLED_CRITICAL },
            queries: [{ expr: orNone(queries, worst(METRICS.stallTime)), legend: 'time in stalls' }],
          }),
          stat({
            id: 1002,
            title: 'Stalls',
            description:
              'Stalls of all chosen threads within the time range. Each is in the log too, with file, line, route and trace, once in ten minutes for each function.',
            unit: 'short',
            named: true,
            queries: [{ expr: `round(${orNone(queries, grown(queries, METRICS.stalls, []))})`, legend: 'in all' }],
          }),
          stat({
            id: 1003,
            title: 'Duration p99',
            description:
              'One stall in a hundred lasts longer. Quantiles of stalls are among stalls, not among requests: for what arrivals wait, look at lag in the overview.',
            unit: 's',
            limits: { warning: BLOCKED_S, critical: LONG_STALL_S },
            nothing: 'no stalls',
            queries: [{ expr: quantile(0.99, METRICS.stallDuration, []), legend: 'p99' }],
          }),
          stat({
            id: 1004,
            title: 'Spinning, worst instance',
            description:
              'Share of the time in which callbacks only started each other: the loop turns, CPU is at 100 %, and little gets done. The function is below under "Spinning by code".',
            unit: 'percentunit',
            limits: { warning: SPINNING_SHARE / 2, critical: SPINNING_SHARE },
            queries: [
              {
                expr: orNone(queries, worst(METRICS.spinTime)),
                legend: 'spinning',
              },
            ],
          }),
          has(METRICS.eventLoopBlocked)
            ? stat({
                id: 1005,
                title: 'Blocked right now',
                description:
                  'How long the most overdue loop had not turned at the last scrape; 0 while all turn. If it grows from scrape to scrape, that process is stuck: `loopsight dump <pid>` shows where.',
                unit: 's',
                limits: { warning: BLOCKED_S, critical: 5 },
                queries: [{ expr: aggregate('max', [], series(METRICS.eventLoopBlocked)), legend: 'blocked' }],
              })
            : undefined,
        ],
      },
    ],
  };
}

export function stalls(queries: Queries): Section {
  const { quantile, rate } = queries;
  return {
    id: 11,
    title: 'Stalls',
    lines: [
      {
        height: 9,
        panels: [
          stalledCodeTable(queries, {
            id: 1101,
            title: 'Code that holds loops',
            description:
              'Functions by the seconds that they held loops within the time range, all instances together, as it was seen while it happened. Start with the first. What helps against each cause is in docs/stalls.md.',
          }),
          stalledCodeGraph(queries, {
            id: 1102,
            title: 'Time in stalls by code, most five',
            description:
              'Seconds a second in which a function kept loops from turning, all instances together. A line that begins at a deploy marker came with that deploy.',
          }),
        ],
      },
      {
        height: 8,
        panels: [
          timeSeries({
            id: 1103,
            title: 'Time in stalls by cause',
            description:
              'Seconds a second, all instances together. javascript and native compute; sync_io waits for a disk or a child process; wait for another thread; gc collects garbage. descheduled: the process had no CPU, look at throttling and at the machine, not at code.',
            unit: 's',
            stacked: true,
            queries: [
              {
                expr: growthRate(queries, METRICS.stallTime, BY_CAUSE),
                legend: `{{${LABELS.job}}} {{${LABELS.stallCause}}}`,
              },
            ],
          }),
          timeSeries({
            id: 1104,
            title: 'Time in stalls by version',
            description:
              'Seconds in stalls a second, over all instances of a version. Compare it with the number of instances: during a rollout the new version has few at first.',
            unit: 's',
            narrowsTo: 'version',
            queries: [{ expr: growthRate(queries, METRICS.stallTime, BY_VERSION), legend: VERSION }],
          }),
          timeSeries({
            id: 1105,
            title: 'Time in stalls by instance, worst five',
            description:
              'Share of the time in which a loop did not turn. One instance alone: a tenant, a file or a machine that only it has. All alike: the code. A click narrows the dashboard to an instance.',
            unit: 'percentunit',
            narrowsTo: 'instance',
            queries: [
              {
                expr: top5(shareOf(queries, METRICS.stallTime)),
                legend: LOOP,
              },
            ],
          }),
        ],
      },
      {
        height: 8,
        panels: [
          heatmap({
            id: 1106,
            title: 'Durations of stalls',
            description:
              'How many stalls a second lasted how long. Two bands are two culprits, or one with small and large inputs. A dot is the trace of a stall.',
            unit: 's',
            queries: [{ expr: aggregate('sum', ['le'], rate(METRICS.stallDuration, [], '_bucket')), legend: '{{le}}' }],
          }),
          timeSeries({
            id: 1107,
            title: 'Duration p99 by cause',
            description:
              'The longest stalls of each cause. A dot leads to the trace that was stalled; what lasts longer than the largest bucket, 30 s, reads as 30 s.',
            unit: 's',
            queries: [
              {
                expr: quantile(0.99, METRICS.stallDuration, BY_CAUSE),
                legend: `{{${LABELS.job}}} {{${LABELS.stallCause}}}`,
              },
            ],
          }),
          timeSeries({
            id: 1108,
            title: 'Spinning by code, most five',
            description:
              'Share of the time in which a function kept asking for the next turn of the loop without anything else to do, as a setImmediate loop does. Nothing is drawn while nothing spins.',
            unit: 'percentunit',
            queries: [{ expr: top5(growthRate(queries, METRICS.spinTime, BY_CODE)), legend: CODE }],
          }),
        ],
      },
    ],
  };
}

/** Share of the time, by loop. A stall counts when it ends, also what of it was before the range. */
function shareOf(queries: Queries, metric: MetricDefinition): string {
  return `clamp_max(${growthRate(queries, metric, BY_LOOP)}, 1)`;
}
