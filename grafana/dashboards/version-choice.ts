// Which two versions are compared: the newest and the one before it, unless somebody chooses others.
import { METRICS } from '../../src/metric-names.js';
import { LABELS } from './labels.js';
import type { Queries } from './queries.js';
import { recorded } from './recorded.js';
import type { AnswerVariable } from './variables.js';
import { TARGET_INFO } from './version-join.js';

const BY = `by (${LABELS.job}, ${LABELS.version})`;
const VERSION = `/${LABELS.version}="([^"]*)"/`;
const VALUE = '/.* (\\d+) \\d+$/';

/** The time by which a graph of the baseline is moved, so that both versions begin at the same point. */
export const SHIFT = `\${shift}s`;

/** `candidate` and `baseline`, the newest first in the one and last in the other, and the time between their starts. */
export function versionChoice(queries: Queries): readonly AnswerVariable[] {
  const newest = `topk by (${LABELS.job}) (1, ${firstSeen(queries)})`;
  const latest = `topk(1, ${firstSeen(queries)})`;
  const others = `${firstSeen(queries)} unless on (${LABELS.job}, ${LABELS.version}) ${newest}`;
  const start = (variable: string) => `max(${firstSeen(queries, `${LABELS.version}=~"$${variable}"`)})`;
  return [
    {
      name: 'baseline',
      label: 'Baseline',
      // One of the candidate's own job comes first, however lately another job was deployed.
      answer: `sort_desc((${others}) and on (${LABELS.job}) ${latest} or (${others}) / 2 or ${newest} * 0)`,
      regex: VERSION,
    },
    { name: 'candidate', label: 'Candidate', answer: `sort_desc(${firstSeen(queries)})`, regex: VERSION },
    {
      name: 'shift',
      label: 'Shift',
      // Prometheus takes no offset of 0.
      answer: `clamp_min(round(${start('candidate')} - ${start('baseline')}), 1)`,
      regex: VALUE,
      hidden: true,
    },
  ];
}

/** When each version was first seen in the time range: as the rules recorded it, or else as its processes tell. */
function firstSeen({ set, nameOf }: Queries, ...matchers: readonly string[]): string {
  const carrier = set.version === 'label' ? nameOf(METRICS.processUptime) : TARGET_INFO;
  const chosen = ['job=~"$job"', `${LABELS.version}!=""`, ...matchers].join(', ');
  const seen = `min ${BY} (min_over_time(timestamp(${carrier}{${chosen}})[$__range:30s]))`;
  return `(max ${BY} (last_over_time(${recorded('versionFirstSeen', matchers)}[$__range])) or ${seen})`;
}
