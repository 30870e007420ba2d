// The figures that say that nothing is wrong, in one sentence.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import { httpFailures } from './call-rules.js';
import type { Figures } from './figures.js';
import { labelOf } from './figures.js';
import type { Member } from './members.js';
import { quantile } from './quantile.js';
import * as bounds from './thresholds.js';
import { counted, duration, percent, printable } from './wording.js';

/**
 * `nothing wrong: …`, with what was looked at; undefined when there is no figure that could have told otherwise.
 *
 * @example
 * describeHealth(createFigures({ now })); // nothing wrong: lag p99 of thread main 4 ms since start, busy for 21 %.
 */
export function describeHealth(figures: Figures): string | undefined {
  const facts = factsOf(figures);
  return facts === undefined ? undefined : `nothing wrong: ${facts}.`;
}

/** As `describeHealth`, for all that one endpoint shows; of several processes the busiest is described. */
export function describeAll(members: readonly Member[]): string | undefined {
  const byLoad = [...members].sort((a, b) => (busyShare(b.figures) ?? 0) - (busyShare(a.figures) ?? 0));
  const described = byLoad.find(({ figures }) => factsOf(figures) !== undefined);
  if (described?.process === undefined) return described && describeHealth(described.figures);
  const { process, figures } = described;
  const which = members.length === 1 ? '' : ', the busiest';
  return `nothing wrong in ${counted(members.length, 'process', 'processes')}; ${printable(process)}${which}: ${factsOf(figures)}.`;
}

function factsOf(figures: Figures): string | undefined {
  const facts = [lag(figures), utilization(figures), queues(figures), requests(figures)].filter(
    (fact) => fact !== undefined,
  );
  return facts.length === 0 ? undefined : facts.join(', ');
}

function lag(figures: Figures): string | undefined {
  const lags = figures.histograms(METRICS.eventLoopLag, [ATTRIBUTES.threadName], bounds.LAG_MINIMUM_COUNT);
  const main = lags.find((it) => labelOf(it, ATTRIBUTES.threadName) === 'main');
  const high = main === undefined ? undefined : quantile(main, 0.99);
  if (main === undefined || high === undefined) return undefined;
  return `lag p99 of thread main ${duration(high.value)} ${figures.phrase(main.period)}`;
}

function utilization(figures: Figures): string | undefined {
  const share = busyShare(figures);
  return share === undefined ? undefined : `its loop busy for ${percent(share)} of the last 10 s`;
}

function busyShare(figures: Figures): number | undefined {
  const gauges = figures.gauges(METRICS.eventLoopUtilization, [ATTRIBUTES.threadName]);
  return gauges.find((it) => labelOf(it, ATTRIBUTES.threadName) === 'main')?.value;
}

function queues(figures: Figures): string | undefined {
  const depths = figures.gauges(METRICS.queueDepth, [ATTRIBUTES.queueName, ATTRIBUTES.queueType]);
  if (depths.length === 0) return undefined;
  const waiting = depths.reduce((sum, { value }) => sum + value, 0);
  return `${counted(waiting, 'task waits', 'tasks wait')} in ${counted(depths.length, 'queue')}`;
}

function requests(figures: Figures): string | undefined {
  const failures = httpFailures(figures);
  if (failures === undefined) return undefined;
  const { failed, total, period } = failures;
  return `${failed} of ${counted(total, 'HTTP request')} failed ${figures.phrase(period)}`;
}
