// Which processes report, whether their figures can be believed, and what they cost.
import { METRICS, type MetricDefinition } from '../../../src/metric-names.js';
import { SNAPSHOT_AGE_S } from '../../../src/status/thresholds.js';
import { growth } from '../growth.js';
import { BY_INSTANCE, BY_JOB, BY_VERSION, INSTANCE, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

export function telemetry(queries: Queries): Section {
  const { has, rate, series } = queries;
  const overhead = () => aggregate('sum', [...BY_INSTANCE, LABELS.selfPart], rate(METRICS.selfOverheadTime));
  const lost = (metric: MetricDefinition) => growth(queries, metric, BY_JOB);
  return {
    id: 9,
    title: 'Processes and their telemetry',
    lines: [
      {
        height: 7,
        panels: [
          timeSeries({
            id: 904,
            title: 'Time since the last start, by version',
            description:
              'Uptime of the youngest process. A saw is a process that dies and comes back: look for its last words, the heap limit and the memory of the container.',
            unit: 's',
            narrowsTo: 'version',
            queries: [
              {
                expr: aggregate('min', BY_VERSION, series(METRICS.processUptime)),
                legend: `{{${LABELS.job}}} {{${LABELS.version}}}`,
              },
            ],
          }),
          timeSeries({
            id: 905,
            title: 'Instances by version',
            description:
              'Processes that report, by version: how far a deploy has come. Fewer than there should be: some do not start, have died, or cannot be scraped.',
            unit: 'short',
            narrowsTo: 'version',
            queries: [
              {
                expr: aggregate('count', BY_VERSION, series(METRICS.processUptime)),
                legend: `{{${LABELS.job}}} {{${LABELS.version}}}`,
              },
            ],
          }),
        ],
      },
      {
        height: 7,
        panels: [
          has(METRICS.selfSnapshotAge)
            ? timeSeries({
                id: 901,
                title: 'Age of the figures, oldest five',
                description:
                  'How old the figures of the main thread were when they were scraped. It grows while that loop is blocked: everything else of that instance is then a picture of the past, save for "Blocked at the scrape".',
                unit: 's',
                limits: { warning: SNAPSHOT_AGE_S, critical: 60 },
                narrowsTo: 'instance',
                atLeast: SNAPSHOT_AGE_S,
                queries: [
                  {
                    expr: top5(aggregate('max', BY_INSTANCE, series(METRICS.selfSnapshotAge))),
                    legend: INSTANCE,
                  },
                ],
              })
            : undefined,
          has(METRICS.selfSeriesDropped, METRICS.selfErrorsSuppressed, METRICS.selfObserverRestarts)
            ? timeSeries({
                id: 902,
                title: 'Lost telemetry',
                description:
                  'Series beyond the limit of their metric, errors inside Loopsight, restarts of its thread. All should be 0. Dropped series: some attribute has too many values. The others: please report them.',
                unit: 'short',
                atLeast: 1,
                queries: [
                  { expr: lost(METRICS.selfSeriesDropped), legend: `{{${LABELS.job}}} series dropped` },
                  { expr: lost(METRICS.selfErrorsSuppressed), legend: `{{${LABELS.job}}} errors suppressed` },
                  { expr: lost(METRICS.selfObserverRestarts), legend: `{{${LABELS.job}}} observer restarts` },
                ],
              })
            : undefined,
          has(METRICS.selfOverheadTime)
            ? timeSeries({
                id: 903,
                title: 'Cost on the main thread, highest instance',
                description:
                  'Share of the main thread that Loopsight takes, by part, as it timed itself. Above 1 % something is wrong: switch off the instrumentation that it comes from, and report it.',
                unit: 'percentunit',
                atLeast: 0.01,
                queries: [
                  {
                    expr: aggregate('max', [...BY_JOB, LABELS.selfPart], overhead()),
                    legend: `{{${LABELS.job}}} {{${LABELS.selfPart}}}`,
                  },
                ],
              })
            : undefined,
        ],
      },
    ],
  };
}
