// Deploy markers: the moment at which a version is first seen.
import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS } from '../../src/metric-names.js';
import { DATASOURCE } from './datasource.js';
import { BY_VERSION, LABELS } from './labels.js';
import { aggregate, type Queries } from './queries.js';
import { COLORS } from './thresholds.js';
import { TARGET_INFO } from './version-join.js';

/** A version that was not there for so long is a deploy again; shorter gaps are restarts or lost scrapes. */
const GAP = '1h';

/**
 * One marker for each version, at the first point at which it has series. Versions that are not chosen have theirs too:
 * what follows a deploy is often seen in the version that is being replaced.
 */
export function deployMarkers({ set, nameOf }: Queries): AnnotationQueryBuilder {
  const carrier = set.version === 'label' ? nameOf(METRICS.processUptime) : TARGET_INFO;
  const up = `${carrier}{job=~"$job", instance=~"$instance", ${LABELS.version}!=""}`;
  const now = aggregate('count', BY_VERSION, up);
  // The offset is one step of the query, so there is exactly one point at which a version is new.
  const before = aggregate('count', BY_VERSION, `max_over_time(${up}[${GAP}] offset $__interval)`);
  return new AnnotationQueryBuilder()
    .name('Deploys')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(COLORS.skyBlue)
    .expr(`${now} unless ${before}`)
    .titleFormat(`{{${LABELS.job}}} {{${LABELS.version}}}`)
    .textFormat(`First seen: version {{${LABELS.version}}} of {{${LABELS.job}}}`)
    .tagKeys(BY_VERSION.join(','));
}
