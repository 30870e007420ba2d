// The version of series whose set keeps it in `target_info`.
import { METRICS } from '../../src/metric-names.js';
import type { MetricSet } from '../sets.js';
import { LABELS } from './labels.js';

/** What the resource of a process is told by. */
export const TARGET_INFO = 'target_info';

const TARGET = `${LABELS.job}, ${LABELS.instance}`;
const CHOSEN = 'job=~"$job", instance=~"$instance"';

/**
 * The rest of a product that keeps values, adds `service_version`, and drops versions that the variable does not hold.
 *
 * - OTLP keeps the target_info of a version five minutes longer than the version runs: the newest of an instance counts,
 *   and two of them do not make the whole query fail.
 * - A process without target_info has no version, and is among all versions all the same.
 */
export function versionOf(set: MetricSet, variable: string, ago = ''): string {
  const ofVersion = `${LABELS.version}=~"$${variable}"`;
  const newest = `topk by (${TARGET}) (1, timestamp(${TARGET_INFO}{${CHOSEN}}${ago}))`;
  const chosen = `${newest} and ${TARGET_INFO}{${CHOSEN}, ${ofVersion}}${ago}`;
  // The series has no version: the matcher holds where the variable stands for all of them.
  const unknown = `${set.nameOf(METRICS.processUptime)}{${CHOSEN}, ${ofVersion}}${ago}`;
  const without = `max by (${TARGET}) (${unknown}) unless on (${TARGET}) ${TARGET_INFO}{${CHOSEN}}${ago}`;
  return `* on (${TARGET}) group_left (${LABELS.version}) ((${chosen} or ${without}) ^ 0)`;
}
