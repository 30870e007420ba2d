// The version of series whose set keeps it in `target_info`.
import { METRICS } from '../../src/metric-names.js';
import type { MetricSet } from '../sets.js';
import { LABELS } from './labels.js';

/** What the resource of a process is told by. */
export const TARGET_INFO = 'target_info';

const TARGET = `${LABELS.job}, ${LABELS.instance}`;
const CHOSEN = 'job=~"$job", instance=~"$instance"';

/** When target_info is asked for the version. */
export interface JoinedAt {
  /** How long ago. @default now */
  readonly offset?: string | undefined;
  /** A range within which it was known last. @default at that moment */
  readonly known?: string | undefined;
}

/**
 * The rest of a product that keeps values, adds `service_version`, and drops versions that the variable does not hold.
 *
 * - OTLP keeps the target_info of a version five minutes longer than the version runs: the newest of an instance counts,
 *   and two of them do not make the whole query fail.
 * - A process without target_info has no version, and is among all versions all the same.
 */
export function versionOf(set: MetricSet, variable: string, { offset, known }: JoinedAt): string {
  const ofVersion = `${LABELS.version}=~"$${variable}"`;
  const last = (selector: string) =>
    known === undefined ? `${selector}${ago(offset)}` : `last_over_time(${selector}[${known}]${ago(offset)})`;
  const all = `${TARGET_INFO}{${CHOSEN}}`;
  const time =
    known === undefined
      ? `timestamp(${last(all)})`
      : `max_over_time(timestamp(${all})[${known}:$__interval]${ago(offset)})`;
  const chosen = `topk by (${TARGET}) (1, ${time}) and ${last(`${TARGET_INFO}{${CHOSEN}, ${ofVersion}}`)}`;
  // The series has no version: the matcher holds where the variable stands for all of them.
  const unknown = last(`${set.nameOf(METRICS.processUptime)}{${CHOSEN}, ${ofVersion}}`);
  const without = `max by (${TARGET}) (${unknown}) unless on (${TARGET}) ${last(all)}`;
  return `* on (${TARGET}) group_left (${LABELS.version}) ((${chosen} or ${without}) ^ 0)`;
}

/** The modifier that looks so long back; nothing without `offset`. */
export function ago(offset: string | undefined): string {
  return offset === undefined ? '' : ` offset ${offset}`;
}
