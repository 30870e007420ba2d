// Traced functions in detail: whose time grew, how durations are spread, what fails.
import { METRICS } from '../../../src/metric-names.js';
import { FUNCTION_ERROR_SHARE } from '../../../src/status/thresholds.js';
import { BY_FUNCTION, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { heatmap } from '../panels/heatmap.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

const FUNCTION = `{{${LABELS.job}}} {{${LABELS.function}}}`;

export function functionDetails(queries: Queries): Section {
  const { errorShare, quantile, rate } = queries;
  const duration = METRICS.functionDuration;
  const failures = [`${LABELS.errorType}!=""`];
  return {
    id: 17,
    title: 'Functions in detail',
    lines: [
      {
        height: 8,
        panels: [
          heatmap({
            id: 1701,
            title: 'Durations of calls',
            description:
              'How many calls a second took how long, over all chosen functions. A dot is the trace of a call: the slow ones are the interesting ones. Two bands: a cache that hits and misses, or two kinds of input.',
            unit: 's',
            queries: [{ expr: aggregate('sum', ['le'], rate(duration, [], '_bucket')), legend: '{{le}}' }],
          }),
          timeSeries({
            id: 1702,
            title: 'Time in calls, most five',
            description:
              'Seconds of calls a second, waiting included: where requests spend their time. The product of how often and how long; the best place to save some.',
            unit: 'short',
            queries: [{ expr: top5(aggregate('sum', BY_FUNCTION, rate(duration, [], '_sum'))), legend: FUNCTION }],
          }),
        ],
      },
      {
        height: 8,
        panels: [
          timeSeries({
            id: 1707,
            title: 'Where the time of calls goes',
            description:
              'Seconds a second: on the loop for the calls (own), while the loop was busy with something else (others), with the loop idle (idle: timers, I/O, other threads). Much own: faster code helps. Much others: somebody else holds the loop, see stalls and the slowest functions. Much idle: what is waited for is slow.',
            unit: 'short',
            stacked: true,
            colors: ['orange', 'purple', 'blue'],
            queries: ['own', 'others', 'idle'].map((state) => ({
              expr: aggregate('sum', [], rate(METRICS.functionTime, [`${LABELS.functionTimeState}="${state}"`])),
              legend: state,
            })),
          }),
          timeSeries({
            id: 1708,
            title: 'Own time on the loop, most five',
            description:
              'Seconds a second that the loop ran for calls of a function, what it calls included: who uses the loop. Where it grew with a deploy marker, the deploy made this function dearer.',
            unit: 'short',
            queries: [
              {
                expr: top5(
                  aggregate(
                    'sum',
                    [...BY_FUNCTION, LABELS.version],
                    rate(METRICS.functionTime, [`${LABELS.functionTimeState}="own"`]),
                  ),
                ),
                legend: `{{${LABELS.function}}} {{${LABELS.version}}}`,
              },
            ],
          }),
          timeSeries({
            id: 1709,
            title: 'Work of other threads for functions, most five',
            description:
              'Seconds a second that the thread pool, worker threads or child processes worked for calls of a function, waiting for them included. It is beside own, others and idle, and none of it holds the loop.',
            unit: 'short',
            queries: [
              {
                expr: top5(
                  aggregate(
                    'sum',
                    BY_FUNCTION,
                    rate(METRICS.functionTime, [`${LABELS.functionTimeState}="offloaded"`]),
                  ),
                ),
                legend: FUNCTION,
              },
            ],
          }),
        ],
      },
      {
        height: 8,
        panels: [
          timeSeries({
            id: 1703,
            title: 'Calls, most five',
            description:
              'Calls a second. More calls with the same number of requests: a loop around a query, or a cache that no longer hits.',
            unit: 'ops',
            queries: [{ expr: top5(aggregate('sum', BY_FUNCTION, rate(duration, [], '_count'))), legend: FUNCTION }],
          }),
          timeSeries({
            id: 1704,
            title: 'Share of calls that fail, most five',
            description:
              'Calls that threw or rejected, by all calls. The type of the error is beside it; the trace of a failed call has its message.',
            unit: 'percentunit',
            limits: { warning: FUNCTION_ERROR_SHARE, critical: 0.5 },
            queries: [{ expr: top5(errorShare(duration, BY_FUNCTION)), legend: FUNCTION }],
          }),
          timeSeries({
            id: 1705,
            title: 'Errors by type, most five',
            description:
              'Failed calls a second by the type of what they threw. A type that was not there before a deploy marker came with that deploy.',
            unit: 'ops',
            queries: [
              {
                expr: top5(aggregate('sum', [...BY_FUNCTION, LABELS.errorType], rate(duration, failures, '_count'))),
                legend: `{{${LABELS.function}}} {{${LABELS.errorType}}}`,
              },
            ],
          }),
          timeSeries({
            id: 1706,
            title: 'Duration p50, slowest five',
            description:
              'Half of the calls take longer. When the median moves with p99 everything got slower; p99 alone points to stalls, locks or rare inputs.',
            unit: 's',
            queries: [{ expr: top5(quantile(0.5, duration, BY_FUNCTION)), legend: FUNCTION }],
          }),
        ],
      },
    ],
  };
}
