// Whether Loopsight itself is well: series that it dropped, threads that it cannot watch, members of groups that are silent.
import { METRICS, type MetricDefinition } from '../../../src/metric-names.js';
import { SNAPSHOT_AGE_S } from '../../../src/status/thresholds.js';
import { growth } from '../growth.js';
import { BY_INSTANCE, BY_JOB, INSTANCE, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

export function ownHealth(queries: Queries): Section {
  const { has, series } = queries;
  const perJob = (metric: MetricDefinition, ...labels: readonly string[]) =>
    growth(queries, metric, [...BY_JOB, ...labels]);
  return {
    id: 13,
    title: 'Loopsight itself',
    lines: [
      {
        height: 7,
        panels: [
          has(METRICS.selfSeriesDropped)
            ? timeSeries({
                id: 1301,
                title: 'Series dropped, by metric',
                description:
                  'Series beyond the limit of their metric, which share one that has otel_metric_overflow. An attribute of that metric has too many values: docs/cardinality.md says how to find it.',
                unit: 'short',
                atLeast: 1,
                queries: [
                  {
                    expr: perJob(METRICS.selfSeriesDropped, LABELS.selfMetric),
                    legend: `{{${LABELS.job}}} {{${LABELS.selfMetric}}}`,
                  },
                ],
              })
            : undefined,
          has(METRICS.selfThreadsUnwatched)
            ? timeSeries({
                id: 1302,
                title: 'Threads without lag',
                description:
                  'Worker threads that started while 256 others ran: their lag is not measured. A pool of that size has more threads than any machine has cores.',
                unit: 'short',
                atLeast: 1,
                queries: [{ expr: perJob(METRICS.selfThreadsUnwatched), legend: `{{${LABELS.job}}}` }],
              })
            : undefined,
          has(METRICS.selfCaptures)
            ? timeSeries({
                id: 1303,
                title: 'Looks at the stack',
                description:
                  'How often the stack of the main thread was read to name what holds it, at most about ten times a stall; each costs it a fraction of a millisecond. None: nothing was blocked.',
                unit: 'short',
                queries: [{ expr: perJob(METRICS.selfCaptures), legend: `{{${LABELS.job}}}` }],
              })
            : undefined,
        ],
      },
      {
        height: 7,
        panels: [
          has(METRICS.groupMemberUp)
            ? timeSeries({
                id: 1304,
                title: 'Processes of a group that do not answer',
                description:
                  'Processes behind one endpoint (cluster, PM2) that the serving one has not heard of for 2 s: blocked, stopped or dead. Nothing is drawn for a process that is alone.',
                unit: 'short',
                atLeast: 1,
                queries: [
                  {
                    expr: aggregate('count', BY_JOB, `${series(METRICS.groupMemberUp)} == 0`),
                    legend: `{{${LABELS.job}}}`,
                  },
                ],
              })
            : undefined,
          has(METRICS.groupMemberAge)
            ? timeSeries({
                id: 1305,
                title: 'Age of the figures of a process, oldest five',
                description:
                  'How old the figures of a process behind one endpoint are. It grows while that process does not answer; its last figures are shown until then.',
                unit: 's',
                limits: { warning: SNAPSHOT_AGE_S, critical: 60 },
                atLeast: SNAPSHOT_AGE_S,
                queries: [
                  { expr: top5(aggregate('max', BY_INSTANCE, series(METRICS.groupMemberAge))), legend: INSTANCE },
                ],
              })
            : undefined,
        ],
      },
    ],
  };
}
