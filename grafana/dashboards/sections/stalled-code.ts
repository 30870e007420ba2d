// The code that stalls loops, as a table and as a graph; two dashboards have them.
import { METRICS, type MetricDefinition } from '../../../src/metric-names.js';
import { grown, growthRate } from '../growth.js';
import { BY_CODE, LABELS } from '../labels.js';
import type { PanelOptions } from '../panels/shared.js';
import { table } from '../panels/table.js';
import { timeSeries } from '../panels/time-series.js';
import { type Queries, top5 } from '../queries.js';

type Heading = Pick<PanelOptions, 'id' | 'title' | 'description'>;

const BY_STALL = [...BY_CODE, LABELS.stallCause] as const;

/** Every function that held a loop within the time range, the one that held longest first. */
export function stalledCodeTable(queries: Queries, heading: Heading) {
  const happened = (metric: MetricDefinition) => `${named(grown(queries, metric, BY_STALL))} > 0`;
  return table({
    ...heading,
    labels: {
      [LABELS.function]: 'Function',
      [LABELS.file]: 'File',
      [LABELS.stallCause]: 'Cause',
      [LABELS.job]: 'Job',
    },
    columns: [
      { title: 'Time', unit: 's', expr: happened(METRICS.stallTime) },
      { title: 'Stalls', unit: 'short', expr: `round(${happened(METRICS.stalls)})` },
    ],
  });
}

/** Seconds a second of the five functions that hold loops most, with the traces of their stalls. */
export function stalledCodeGraph(queries: Queries, heading: Heading) {
  return timeSeries({
    ...heading,
    unit: 's',
    exemplars: true,
    queries: [
      {
        expr: top5(named(growthRate(queries, METRICS.stallTime, BY_CODE))),
        legend: `{{${LABELS.job}}} {{${LABELS.function}}} {{${LABELS.file}}}`,
      },
    ],
  });
}

/** Stalls that no code is to blame for have no function; without a word for it a table would join them with those of all. */
export function named(of: string): string {
  return `label_replace(${of}, "${LABELS.function}", "(no code to blame)", "${LABELS.function}", "")`;
}
