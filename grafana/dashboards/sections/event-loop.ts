// Lag, stalls and utilization of every loop.
import { METRICS } from '../../../src/metric-names.js';
import { BLOCKED_S, LAG_P99_CRITICAL_S, LAG_P99_S, UTILIZATION } from '../../../src/status/thresholds.js';
import { BY_LOOP, BY_VERSION, LABELS, LOOP } from '../labels.js';
import type { Section } from '../layout.js';
import { heatmap } from '../panels/heatmap.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';
import { stalledCodeGraph, stalledCodeTable } from './stalled-code.js';

const VERSION = `{{${LABELS.job}}} {{${LABELS.version}}}`;
const LAG_LIMITS = { warning: LAG_P99_S, critical: LAG_P99_CRITICAL_S };

export function eventLoop(queries: Queries): Section {
  const { has, quantile, rate, series } = queries;
  const lag = METRICS.eventLoopLag;
  return {
    id: 2,
    title: 'Event loop',
    lines: [
      {
        height: 8,
        panels: [
          timeSeries({
            id: 201,
            title: 'Lag by version',
            description:
              'What an arrival waits until the loop reaches it: median and 99th percentile over the chosen threads of a version. A version that lies above the other after a deploy marker made it worse: roll back, then look for the function that got slower.',
            unit: 's',
            limits: LAG_LIMITS,
            narrowsTo: 'version',
            queries: [0.5, 0.99].map((q) => ({ expr: quantile(q, lag, BY_VERSION), legend: `${VERSION} ${name(q)}` })),
          }),
          timeSeries({
            id: 202,
            title: 'Lag by instance, worst five',
            description:
              'The five loops with the highest 99th percentile of lag at each moment. One instance alone: its traffic or its machine (see throttling). All of them: the code or a dependency. A click narrows the dashboard to an instance.',
            unit: 's',
            limits: LAG_LIMITS,
            narrowsTo: 'instance',
            queries: [{ expr: top5(quantile(0.99, lag, BY_LOOP)), legend: LOOP }],
          }),
        ],
      },
      {
        height: 8,
        panels: [
          stalledCodeGraph(queries, {
            id: 206,
            title: 'Time in stalls by code, worst five',
            description:
              'Seconds a second, all instances together, in which a function kept a loop from turning for longer than the threshold, as it was seen while it happened. The name to start with; the log line of the stall has file, line, route and trace. A dot is a stall of a sampled trace, and leads to it. No code to blame: garbage collection, or no CPU.',
          }),
          stalledCodeTable(queries, {
            id: 207,
            title: 'Code that stalls loops',
            description:
              'What held loops within the time range, in seconds of all instances together, and why: javascript and native compute, sync_io waits for a file or a child process, wait for another thread.',
          }),
        ],
      },
      {
        height: 8,
        panels: [
          heatmap({
            id: 203,
            title: 'Lag of arrivals',
            description:
              'How many arrivals a second waited how long, over all chosen threads. Two separate bands mean that most arrivals pass and some meet a stall; one band that climbs means overload.',
            unit: 's',
            queries: [{ expr: aggregate('sum', ['le'], rate(lag, [], '_bucket')), legend: '{{le}}' }],
          }),
          has(METRICS.eventLoopBlocked)
            ? timeSeries({
                id: 204,
                title: 'Blocked at the scrape, worst five',
                description:
                  'How long a loop had been overdue when it was scraped; 0 while it turns. Peaks are stalls that a scrape happened to meet; a ramp is a loop that does not come back. Stalls between scrapes show in lag.',
                unit: 's',
                limits: { warning: BLOCKED_S, critical: 5 },
                narrowsTo: 'instance',
                atLeast: BLOCKED_S,
                queries: [{ expr: top5(aggregate('max', BY_LOOP, series(METRICS.eventLoopBlocked))), legend: LOOP }],
              })
            : undefined,
          timeSeries({
            id: 205,
            title: 'Utilization, busiest five',
            description:
              'Share of the time in which a loop was active. High with low lag is a busy, healthy loop; high with high lag needs less work for each turn, or more instances. Low with slow requests: the wait is elsewhere.',
            unit: 'percentunit',
            limits: { warning: UTILIZATION, critical: 0.98 },
            narrowsTo: 'instance',
            atLeast: 1,
            queries: [{ expr: top5(aggregate('max', BY_LOOP, series(METRICS.eventLoopUtilization))), legend: LOOP }],
          }),
        ],
      },
    ],
  };
}

function name(q: number): string {
  return `p${q * 100}`;
}
