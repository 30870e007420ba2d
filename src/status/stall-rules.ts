// Rules about code that keeps a loop from turning, or from sleeping.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { Figures } from './figures.js';
import { labelOf } from './figures.js';
import { threadOf } from './loop-rules.js';
import type { Problem } from './problem.js';
import * as bounds from './thresholds.js';
import { counted, duration, figure, percent, printable } from './wording.js';

const { threadName, codeFunctionName, codeFilePath } = ATTRIBUTES;
const BY_CODE = [threadName, codeFunctionName, codeFilePath];

/** Functions that held the main thread's loop for a good part of the time: the worst one, by name. */
export function stallingCode(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.stallTime);
  // Stalls are rare, so what happened between two scrapes says little; where it says something, it is the present.
  for (const period of ['interval', 'lifetime'] as const) {
    const seconds = period === 'interval' ? figures.elapsedS : figures.gauges(METRICS.processUptime, [])[0]?.value;
    if (seconds === undefined || seconds < bounds.SHARE_MINIMUM_S) continue;
    const [worst] = figures
      .counters(METRICS.stallTime, BY_CODE, period)
      .filter((code) => threadOf(code).isMain && labelOf(code, codeFunctionName) !== '')
      .sort((a, b) => b.value - a.value);
    if (worst === undefined || worst.value / seconds <= bounds.STALLED_SHARE) continue;
    const { labels, value } = worst;
    const count = figures
      .counters(METRICS.stalls, BY_CODE, period)
      .find((code) => BY_CODE.every((key) => labelOf(code, key) === labelOf(worst, key)));
    const { subject } = threadOf(worst);
    return [
      {
        severity: 'warning',
        rule: 'stall',
        subject: `stalls of ${subject}`,
        sentence:
          `${codeOf(worst)} held the loop of ${subject} for ${duration(value)} in ${counted(count?.value ?? 1, 'stall')} ` +
          `${figures.phrase(period)}, ${percent(value / seconds)} of the time ` +
          `(growth of ${metric} a second ${figure(value / seconds)}, bound ${figure(bounds.STALLED_SHARE)}).`,
        metric,
        value: value / seconds,
        bound: bounds.STALLED_SHARE,
        labels,
        period,
      },
    ];
  }
  return [];
}

/** A loop that turns without rest and without work, and the code that keeps it turning. */
export function spinningLoops(figures: Figures): Problem[] {
  const { elapsedS } = figures;
  if (elapsedS === undefined || elapsedS < bounds.SHARE_MINIMUM_S) return [];
  const metric = figures.nameOf(METRICS.spinTime);
  const [worst] = figures.counters(METRICS.spinTime, BY_CODE, 'interval').sort((a, b) => b.value - a.value);
  if (worst === undefined) return [];
  const value = worst.value / elapsedS;
  if (value <= bounds.SPINNING_SHARE) return [];
  const { subject } = threadOf(worst);
  const code = labelOf(worst, codeFunctionName) === '' ? '' : `; ${codeOf(worst)} keeps it turning`;
  return [
    {
      severity: 'warning',
      rule: 'loop-spinning',
      subject: `turns of ${subject}`,
      sentence:
        `The loop of ${subject} never sleeps and has nothing to handle${code} ` +
        `(growth of ${metric} a second ${figure(value)}, bound ${figure(bounds.SPINNING_SHARE)}).`,
      metric,
      value,
      bound: bounds.SPINNING_SHARE,
      labels: worst.labels,
      period: 'interval',
    },
  ];
}

function codeOf(code: { readonly labels: Readonly<Record<string, string>> }): string {
  return `${printable(labelOf(code, codeFunctionName))} (${printable(labelOf(code, codeFilePath))})`;
}
