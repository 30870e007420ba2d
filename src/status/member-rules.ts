// The rule about the processes of a group: those that nobody hears of.
import { METRICS } from '../metric-names.js';
import type { Member } from './members.js';
import type { Problem } from './problem.js';
import { duration, figure, printable } from './wording.js';

/** A process that does not answer, or that ended and has no successor yet. */
export function silentProcess({ process, figures }: Member): Problem | undefined {
  const [up] = figures.gauges(METRICS.groupMemberUp, []);
  if (process === undefined || up === undefined || up.value > 0) return undefined;
  const metric = figures.nameOf(METRICS.groupMemberUp);
  const [age] = figures.gauges(METRICS.groupMemberAge, []);
  const heard = age === undefined ? '' : `: it was last heard of ${duration(age.value)} ago`;
  const subject = `process ${printable(process)}`;
  return {
    severity: 'warning',
    rule: 'process-silent',
    subject,
    sentence: `The ${subject} does not answer or has ended${heard} (${metric} ${figure(up.value)}, bound 1).`,
    metric,
    value: up.value,
    bound: 1,
    labels: { process },
    period: 'now',
  };
}
