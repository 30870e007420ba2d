// What `loopsight compare` compares with what: two versions or other labels, or two times.
import type { SideTime } from '../compare/collected.js';
import type { Distinction } from '../compare/prometheus/comparison.js';
import { VERSION_LABEL } from '../compare/prometheus/discover.js';
import { parseMoment, shownMoment } from '../compare/times.js';
import { prometheusLabel } from '../prometheus/naming.js';
import { printable } from '../status/wording.js';
import { UsageError } from './command.js';
import { asUsage, readDuration, refuse } from './option-readers.js';

const YEAR_S = 366 * 86_400;

/** The options that choose, as they were given. */
interface DistinctionValues {
  readonly by?: string | undefined;
  readonly baseline?: string | undefined;
  readonly candidate?: string | undefined;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly offset?: string | undefined;
}

/** Reads what is compared, as a function of the time of a look. Throws a UsageError. */
export function readDistinction(
  values: DistinctionValues,
  positionals: readonly string[],
  windowS: number,
  nowS: number,
): (nowS: number) => Distinction {
  const { by, offset } = values;
  const ofLabels = (['by', 'baseline', 'candidate'] as const).filter((name) => values[name] !== undefined);
  const first = positionals.length > 0 ? ['two names' as const] : [];
  if (offset !== undefined) {
    refuse('--offset', [
      ...ofLabels,
      ...(['before', 'after'] as const).filter((name) => values[name] !== undefined),
      ...first,
    ]);
    const byS = readDuration('--offset', offset, 1, YEAR_S) ?? 0;
    return (atS) => ({
      kind: 'time',
      baseline: { label: `${offset} ago`, startS: atS - byS - windowS, endS: atS - byS },
      candidate: { label: 'now', startS: atS - windowS, endS: atS },
    });
  }
  const before = values.before ?? values.after;
  const after = values.after ?? values.before;
  if (before !== undefined && after !== undefined) {
    refuse('--before and --after', [...ofLabels, ...first]);
    const beforeS = asUsage(() => parseMoment(before, values.before === undefined ? '--after' : '--before', nowS));
    const afterS = asUsage(() => parseMoment(after, values.after === undefined ? '--before' : '--after', nowS));
    if (beforeS > afterS) throw new UsageError('Expected `--before` to be no later than `--after`');
    if (afterS >= nowS)
      throw new UsageError(
        `Expected \`${values.after === undefined ? '--before' : '--after'}\` to be in the past, got "${printable(after)}"`,
      );
    const baseline: SideTime = { label: `before ${shownMoment(beforeS)}`, startS: beforeS - windowS, endS: beforeS };
    return (atS) => ({
      kind: 'time',
      baseline,
      candidate: { label: `after ${shownMoment(afterS)}`, startS: afterS, endS: Math.min(afterS + windowS, atS) },
    });
  }
  if (by?.trim() === '') throw new UsageError('Expected `--by` to be the name of a label, got ""');
  // Names of attributes are as good as those of labels.
  const label = by === undefined ? VERSION_LABEL : prometheusLabel(by.trim());
  if (positionals.length !== 0 && positionals.length !== 2) {
    throw new UsageError(`Expected two names to compare, got ${positionals.length}`);
  }
  if (positionals.length === 2)
    refuse(
      'Two names',
      ofLabels.filter((name) => name !== 'by'),
    );
  const [baseline = values.baseline, candidate = values.candidate] = positionals;
  if (baseline !== undefined && baseline === candidate) {
    throw new UsageError(`Expected two different names to compare, got "${printable(baseline)}" twice`);
  }
  return () => ({ kind: 'label', label, baseline, candidate });
}
