// CPU time by function and by route, of services that are profiled all the time.
import { METRICS } from '../../../src/metric-names.js';
import { grown } from '../growth.js';
import { BY_FUNCTION, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { table } from '../panels/table.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

const BY_ROUTE = [LABELS.job, LABELS.method, LABELS.route] as const;
const BY_ROUTE_VERSION = [LABELS.method, LABELS.route, LABELS.function, LABELS.version, LABELS.job] as const;
const BY_VERSION = [LABELS.function, LABELS.file, LABELS.version, LABELS.job] as const;

export function cpuByFunction(queries: Queries): Section {
  return {
    id: 30,
    title: 'CPU by function and route (LOOPSIGHT_PROFILE=on)',
    lines: [
      {
        height: 9,
        panels: [
          timeSeries({
            id: 3001,
            title: 'CPU time by function, most five',
            description:
              'Seconds a second of the main loop that a function of yours computed, with what it called in packages and in Node. What climbs with a deploy got dearer. Only services with LOOPSIGHT_PROFILE=on have it.',
            unit: 'short',
            queries: [
              {
                expr: top5(aggregate('sum', BY_FUNCTION, queries.rate(METRICS.cpuTime))),
                legend: `{{${LABELS.job}}} {{${LABELS.function}}}`,
              },
            ],
          }),
          table({
            id: 3002,
            title: 'CPU time by function and version',
            description:
              'CPU time over the time range. Two versions of one function beside each other, under the same load, show what a deploy made dearer.',
            labels: {
              [LABELS.function]: 'Function',
              [LABELS.file]: 'File',
              [LABELS.version]: 'Version',
              [LABELS.job]: 'Job',
            },
            columns: [{ title: 'CPU', unit: 's', expr: `${grown(queries, METRICS.cpuTime, BY_VERSION)} > 0` }],
          }),
        ],
      },
      {
        height: 9,
        panels: [
          timeSeries({
            id: 3003,
            title: 'CPU time by route, most five',
            description:
              'Seconds a second of the main loop that requests of a route computed, awaited work included; estimated from one second in thirty. `_none` is what ran for no request, `_unknown` are requests whose route no framework tells.',
            unit: 'short',
            queries: [
              {
                expr: top5(aggregate('sum', BY_ROUTE, queries.rate(METRICS.routeCpuTime))),
                legend: `{{${LABELS.job}}} {{${LABELS.method}}} {{${LABELS.route}}}`,
              },
            ],
          }),
          table({
            id: 3004,
            title: 'CPU time by route, function and version',
            description:
              'CPU time over the time range: which route burns it, in which of its functions, and whether a deploy changed that. Of each route its dearest functions are named.',
            labels: {
              [LABELS.method]: 'Method',
              [LABELS.route]: 'Route',
              [LABELS.function]: 'Function',
              [LABELS.version]: 'Version',
              [LABELS.job]: 'Job',
            },
            columns: [
              { title: 'CPU', unit: 's', expr: `${grown(queries, METRICS.routeCpuTime, BY_ROUTE_VERSION)} > 0` },
            ],
          }),
        ],
      },
    ],
  };
}
