// When a version, a runtime or a deployment of a job was first seen: the moments that deploy markers stand at.
import { type Expressions, LABELS } from './promql.js';
import type { RecordingRule } from './rule.js';

const FIRST = 'loopsight_first_seen:timestamp_seconds';
const LAST = 'loopsight_last_seen:timestamp_seconds';

/** The records that versions are ordered by. */
export const FIRST_SEEN = `job_version:${FIRST}`;
export const NEWEST = 'job_version:loopsight_newest:timestamp_seconds';
export const PREVIOUS = 'job_version:loopsight_previous:timestamp_seconds';

/**
 * Two records for what `label` tells apart: `<level>:loopsight_first_seen:…` and `<level>:loopsight_last_seen:…`.
 * `present` has one series for each that runs now.
 *
 * Both remember by reading themselves. A version that was there when its job was last seen goes on, however long nobody
 * looked; one that had left while others stayed is new when it comes back, so that a rollback has a marker too.
 */
export function firstSeen(e: Expressions, level: string, label: string, present: string): readonly RecordingRule[] {
  const { options } = e;
  const first = `${level}:${FIRST}`;
  const last = `${level}:${LAST}`;
  const remembered = (record: string) => `last_over_time(${record}[${e.duration(options.rememberS)}])`;
  const gapS = Number((options.versionGapS / options.shorten).toPrecision(6));
  const on = `on (${e.labels(label)})`;
  return [
    {
      record: first,
      expr: `(
  ${remembered(first)}
  and ${on} (
    ${remembered(last)}
    >= on (${e.labels()}) group_left ()
    (${e.by('max', [], remembered(last))} - ${gapS})
  )
  and ${on} ${present}
)
or ${on}
${present} * 0 + time()`,
    },
    { record: last, expr: `${present} * 0 + time()` },
  ];
}

/** The version of each job that was deployed last, and the one before it. */
export function newestVersions(e: Expressions): readonly RecordingRule[] {
  const topOfJob = (of: string) => `topk by (${e.labels()}) (1, ${of})`;
  return [
    { record: NEWEST, expr: topOfJob(e.record(FIRST_SEEN)) },
    {
      record: PREVIOUS,
      // Two that began at the same time are in no order, and not compared.
      expr: `topk by (${e.labels()}) (1,
  last_over_time(${e.record(FIRST_SEEN)}[${e.duration(e.options.rememberS)}])
  < on (${e.labels()}) group_left () ${e.by('max', [], e.record(FIRST_SEEN))}
)`,
    },
  ];
}

/** What runs of each version now. */
export function presentVersions(e: Expressions, presence: string): string {
  return e.by('count', [LABELS.version], e.versioned(presence));
}
