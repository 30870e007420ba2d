// Deploy markers: when a version, a deployment or a version of Node.js was first seen, and when a version was gone; restarts.
import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS } from '../../src/metric-names.js';
import { DATASOURCE } from './datasource.js';
import { LABELS } from './labels.js';
import { aggregate, type Queries } from './queries.js';
import { recorded } from './recorded.js';
import { COLORS } from './thresholds.js';
import { TARGET_INFO } from './version-join.js';

/** Of what each first appearance is a marker. */
interface Change {
  readonly name: string;
  /** When it was first seen, as the rules recorded it. */
  readonly firstSeen: string;
  /** What has the label while it is there. */
  readonly carrier: string;
  readonly label: string;
  readonly words: string;
}

/** Without rules, what was not there for so long is new; shorter gaps are restarts or lost scrapes. */
const GAP = '1h';
/** Prometheus looks that far back for what the rules recorded, so that an outage of its own loses no marker. */
const KEPT = '1h';
/** A version that is away for no longer is not gone, in seconds. */
const GONE_S = 300;
/** Rules are loaded where they recorded something of a job so long before the graph's end. */
const LOADED = '1d';

/** What happened, in the order in which it is listed above the panels. */
export function markers(queries: Queries): readonly AnnotationQueryBuilder[] {
  const { set, nameOf } = queries;
  const carrier = set.version === 'label' ? nameOf(METRICS.processUptime) : TARGET_INFO;
  const changes: readonly Change[] = [
    { name: 'Deploys', firstSeen: recorded('versionFirstSeen'), carrier, label: LABELS.version, words: 'version' },
    {
      name: 'Deployments',
      firstSeen: recorded('deploymentFirstSeen'),
      carrier: TARGET_INFO,
      label: LABELS.deployment,
      words: 'deployment',
    },
    {
      name: 'Node.js versions',
      firstSeen: recorded('runtimeFirstSeen'),
      carrier: TARGET_INFO,
      label: LABELS.runtimeVersion,
      words: 'Node.js',
    },
  ];
  return [...changes.map(changeMarkers), goneMarkers(), restartMarkers(queries)];
}

/**
 * One marker for each run of a version, where it was first seen; of versions that are not chosen as well, because what
 * follows a deploy is often seen in the version that is being replaced. A rollback is another run where the rules are
 * loaded; without them a version is new when it was not there for an hour.
 */
function changeMarkers({ name, firstSeen, carrier, label, words }: Change): AnnotationQueryBuilder {
  const by = [LABELS.job, label];
  const there = `${carrier}{job=~"$job", instance=~"$instance", ${label}!=""}`;
  const now = aggregate('count', by, there);
  // The offset is one step of the query, so there is exactly one point at which it is new.
  const before = aggregate('count', by, `max_over_time(${there}[${GAP}] offset $__interval)`);
  const withoutRules = `unless on (${LABELS.job}) last_over_time(${firstSeen}[${LOADED}] @ end())`;
  return marker(name, COLORS.skyBlue)
    .expr(`(last_over_time(${firstSeen}[${KEPT}]) or ((${now} unless ${before}) * 0 + time()) ${withoutRules}) * 1000`)
    .useValueForTime(true)
    .titleFormat(`{{${LABELS.job}}} {{${label}}}`)
    .textFormat(`First seen: ${words} {{${label}}} of {{${LABELS.job}}}`)
    .tagKeys(by.join(','));
}

/**
 * One marker where a version was last there while others of its job go on: the end of a deploy, or of a canary that was
 * taken back; a rollback that was too quick for the old version to be gone shows as the end of the new one.
 */
function goneMarkers(): AnnotationQueryBuilder {
  const lastSeen = `last_over_time(${recorded('versionLastSeen')}[${KEPT}])`;
  const others = `${aggregate('max', [LABELS.job], lastSeen)} - ${GONE_S}`;
  return marker('Versions gone', COLORS.blue)
    .expr(`(${lastSeen} < on (${LABELS.job}) group_left () (${others})) * 1000`)
    .useValueForTime(true)
    .titleFormat(`{{${LABELS.job}}} without {{${LABELS.version}}}`)
    .textFormat(`Last seen: version {{${LABELS.version}}} of {{${LABELS.job}}}`)
    .tagKeys([LABELS.job, LABELS.version].join(','));
}

/** One marker for the processes of a job that restarted in place; it is as wide as the range that shows it. */
function restartMarkers({ over }: Queries): AnnotationQueryBuilder {
  const restarts = over('resets', METRICS.processUptime);
  return marker('Restarts', COLORS.orange)
    .expr(`${aggregate('sum', [LABELS.job], restarts)} > 0`)
    .titleFormat(`{{${LABELS.job}}} restarted`)
    .textFormat('Processes that were there before began anew')
    .tagKeys(LABELS.job);
}

function marker(name: string, color: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder().name(name).datasource(DATASOURCE).enable(true).iconColor(color);
}
