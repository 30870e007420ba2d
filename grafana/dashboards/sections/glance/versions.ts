// One pod, one version, or all of them?
import { METRICS } from '../../../../src/metric-names.js';
import {
  ERROR_SHARE_CRITICAL,
  HTTP_ERROR_SHARE,
  LAG_P99_CRITICAL_S,
  LAG_P99_S,
} from '../../../../src/status/thresholds.js';
import { BY_VERSION, LABELS } from '../../labels.js';
import type { Placeable } from '../../layout.js';
import { table } from '../../panels/table.js';
import type { Queries } from '../../queries.js';
import { recorded } from '../../recorded.js';
import { hurtInstances, instances } from './hurt.js';

export function versions(queries: Queries): Placeable {
  const { errorShare, quantile } = queries;
  const http = METRICS.httpServerRequestDuration;
  // A comparison drops the NaN of what had no traffic.
  const known = '>= 0';
  return table({
    id: 108,
    title: 'One instance, one version, or all?',
    description:
      'Versions that run, the one with most instances in trouble first. One row in trouble: that version, roll it back. One instance of many in a row: that instance, see "Lag by instance". All rows: a dependency or the load. "Since" needs the recording rules.',
    labels: { [LABELS.version]: 'Version', [LABELS.job]: 'Job' },
    columns: [
      {
        title: 'In trouble',
        unit: 'short',
        expr: hurtInstances(queries, BY_VERSION),
        limits: { warning: 1, critical: 3 },
      },
      { title: 'Instances', unit: 'short', expr: instances(queries, BY_VERSION) },
      {
        title: 'Failed',
        unit: 'percentunit',
        expr: errorShare(http, BY_VERSION),
        limits: { warning: HTTP_ERROR_SHARE, critical: ERROR_SHARE_CRITICAL },
      },
      { title: 'Duration p99', unit: 's', expr: `${quantile(0.99, http, BY_VERSION)} ${known}` },
      {
        title: 'Lag p99',
        unit: 's',
        expr: `${quantile(0.99, METRICS.eventLoopLag, BY_VERSION)} ${known}`,
        limits: { warning: LAG_P99_S, critical: LAG_P99_CRITICAL_S },
      },
      {
        title: 'Since',
        unit: 'dateTimeFromNow',
        expr: `${recorded('versionFirstSeen', [`${LABELS.version}=~"$version"`])} * 1000`,
      },
    ],
  });
}
