// CPU time by function, of services that are profiled all the time.
import { METRICS } from '../../../src/metric-names.js';
import { grown } from '../growth.js';
import { BY_FUNCTION, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { table } from '../panels/table.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

const BY_VERSION = [LABELS.function, LABELS.file, LABELS.version, LABELS.job] as const;

export function cpuByFunction(queries: Queries): Section {
  return {
    id: 30,
    title: 'CPU by function (LOOPSIGHT_PROFILE=on)',
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
    ],
  };
}
