// Rules about synchronous calls and writes that take much of the main thread's time.
import { replacementFor } from '../blocking-calls/replacements.js';
import { ATTRIBUTES, METRICS, type MetricDefinition } from '../metric-names.js';
import { type Figure, type Figures, labelOf } from './figures.js';
import type { Problem } from './problem.js';
import * as bounds from './thresholds.js';
import { duration, figure, percent, printable } from './wording.js';

const { blockingCallName, codeFunctionName, stdioStream } = ATTRIBUTES;
/** Writes to the standard streams have a rule of their own. */
const WRITES: ReadonlySet<string> = new Set(['process.stdout.write', 'process.stderr.write']);

/** The function that spends the most time in calls of one name. */
export function blockingCallers(figures: Figures): Problem[] {
  const by = [blockingCallName, codeFunctionName];
  const isOther = (it: Figure) => !WRITES.has(labelOf(it, blockingCallName));
  const worst = worstShare(figures, METRICS.blockingCallTime, by, isOther, bounds.BLOCKING_CALL_SHARE);
  if (worst === undefined) return [];
  const call = labelOf(worst.of, blockingCallName);
  const caller = labelOf(worst.of, codeFunctionName);
  const replacement = replacementFor(call);
  const instead = replacement === undefined ? '' : `; ${replacement} would not`;
  return [
    worst.problem({
      rule: 'blocking-calls',
      subject: 'blocking calls',
      says: (time) => `${printable(caller)} blocks the loop by ${printable(call)} for ${time}${instead}`,
    }),
  ];
}

/** A log that the main thread waits for. */
export function blockingLogs(figures: Figures): Problem[] {
  const worst = worstShare(figures, METRICS.stdioWriteTime, [stdioStream], () => true, bounds.STDIO_WRITE_SHARE);
  if (worst === undefined) return [];
  return [
    worst.problem({
      rule: 'blocking-log',
      subject: 'log',
      says: (time) =>
        `Writing to ${printable(labelOf(worst.of, stdioStream))} blocks the loop for ${time}; ` +
        'a logger that writes in a worker thread would not',
    }),
  ];
}

interface Finding {
  readonly rule: string;
  readonly subject: string;
  /** The sentence without its figures; `time` is such as `1.2 s in the last 10 s, 12 % of the time`. */
  readonly says: (time: string) => string;
}

function worstShare(
  figures: Figures,
  definition: MetricDefinition,
  by: readonly string[],
  isMeant: (it: Figure) => boolean,
  bound: number,
): { readonly of: Figure; problem(finding: Finding): Problem } | undefined {
  const metric = figures.nameOf(definition);
  const uptimeS = figures.gauges(METRICS.processUptime, [])[0]?.value;
  for (const period of ['interval', 'lifetime'] as const) {
    const seconds = period === 'interval' ? figures.elapsedS : uptimeS;
    if (seconds === undefined || seconds < bounds.SHARE_MINIMUM_S) continue;
    const [of] = figures
      .counters(definition, by, period)
      .filter(isMeant)
      .sort((a, b) => b.value - a.value);
    if (of === undefined || of.value / seconds <= bound) continue;
    const value = of.value / seconds;
    const time = `${duration(of.value)} ${figures.phrase(period)}, ${percent(value)} of the time`;
    return {
      of,
      problem: ({ rule, subject, says }) => ({
        severity: 'warning',
        rule,
        subject,
        sentence: `${says(time)} (growth of ${metric} a second ${figure(value)}, bound ${figure(bound)}).`,
        metric,
        value,
        bound,
        labels: of.labels,
        period,
      }),
    };
  }
  return undefined;
}
