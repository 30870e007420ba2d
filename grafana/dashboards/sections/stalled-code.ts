// The code that stalls loops, as a table and as a graph; two dashboards have them.
import { METRICS } from '../../../src/metric-names.js';
import { BY_CODE, LABELS } from '../labels.js';
import type { PanelOptions } from '../panels/shared.js';
import { table } from '../panels/table.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

type Heading = Pick<PanelOptions, 'id' | 'title' | 'description'>;

const BY_STALL = [...BY_CODE, LABELS.stallCause] as const;

/** Every function that held a loop, the one that held longest first. */
export function stalledCodeTable({ rate }: Queries, heading: Heading) {
  return table({
    ...heading,
    labels: {
      [LABELS.function]: 'Function',
      [LABELS.file]: 'File',
      [LABELS.stallCause]: 'Cause',
      [LABELS.job]: 'Job',
    },
    columns: [
      { title: 'Time', unit: 's', expr: aggregate('sum', BY_STALL, rate(METRICS.stallTime)) },
      { title: 'Stalls', unit: 'ops', expr: aggregate('sum', BY_STALL, rate(METRICS.stalls)) },
    ],
  });
}

/** Seconds a second of the five functions that hold loops most, with the traces of their stalls. */
export function stalledCodeGraph({ rate }: Queries, heading: Heading) {
  return timeSeries({
    ...heading,
    unit: 's',
    exemplars: true,
    queries: [
      {
        expr: top5(aggregate('sum', BY_CODE, rate(METRICS.stallTime))),
        legend: `{{${LABELS.job}}} {{${LABELS.function}}} {{${LABELS.file}}}`,
      },
    ],
  });
}
