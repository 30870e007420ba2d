// Rules about HTTP requests and traced functions: the share that fails.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { Figure, Figures } from './figures.js';
import { labelOf } from './figures.js';
import type { Problem } from './problem.js';
import * as bounds from './thresholds.js';
import { counted, figure, percent, printable } from './wording.js';

/** How many of some calls failed, over one period. */
export interface FailureShare {
  readonly failed: number;
  readonly total: number;
  readonly period: 'interval' | 'lifetime';
}

/** Requests answered with a 5xx status, of all requests; undefined before the first one. */
export function httpFailures(figures: Figures): FailureShare | undefined {
  const metric = METRICS.httpServerRequestDuration;
  const [all] = figures.histograms(metric, [], bounds.SHARE_MINIMUM_COUNT);
  if (all === undefined || all.count === 0) return undefined;
  const status = ATTRIBUTES.httpResponseStatusCode;
  const failed = figures.counts(metric, [status], all.period).filter((it) => /^5\d\d$/.test(labelOf(it, status)));
  return { failed: total(failed), total: all.count, period: all.period };
}

/** HTTP requests that the service could not answer. */
export function failingRequests(figures: Figures): Problem[] {
  const failures = httpFailures(figures);
  const bound = bounds.HTTP_ERROR_SHARE;
  if (failures === undefined || failures.total < bounds.SHARE_MINIMUM_COUNT) return [];
  const { failed, period } = failures;
  const value = failed / failures.total;
  if (value <= bound) return [];
  const metric = figures.nameOf(METRICS.httpServerRequestDuration);
  return [
    {
      severity: value >= bounds.ERROR_SHARE_CRITICAL ? 'critical' : 'warning',
      rule: 'http-errors',
      subject: 'http',
      sentence:
        `${counted(failed, 'HTTP request')} of ${figure(failures.total)} (${percent(value)}) failed with a 5xx status ` +
        `${figures.phrase(period)} (share of ${metric}_count ${figure(value)}, bound ${figure(bound)}).`,
      metric,
      value,
      bound,
      labels: {},
      period,
    },
  ];
}

/** Traced functions that fail; aborted calls are what somebody asked for, so they are no failures. */
export function failingFunctions(figures: Figures): Problem[] {
  const definition = METRICS.functionDuration;
  const metric = figures.nameOf(definition);
  const { codeFunctionName } = ATTRIBUTES;
  const bound = bounds.FUNCTION_ERROR_SHARE;
  const failures = { interval: failuresByName(figures, 'interval'), lifetime: failuresByName(figures, 'lifetime') };
  return figures.histograms(definition, [codeFunctionName], bounds.SHARE_MINIMUM_COUNT).flatMap((all): Problem[] => {
    const { labels, count, period } = all;
    if (count < bounds.SHARE_MINIMUM_COUNT) return [];
    const name = labelOf(all, codeFunctionName);
    const failed = failures[period].get(name) ?? 0;
    const value = failed / count;
    if (value <= bound) return [];
    return [
      {
        severity: value >= bounds.ERROR_SHARE_CRITICAL ? 'critical' : 'warning',
        rule: 'function-errors',
        subject: `function ${printable(name)}`,
        sentence:
          `Function ${printable(name)} failed in ${figure(failed)} of ${counted(count, 'call')} (${percent(value)}) ` +
          `${figures.phrase(period)} (share of ${metric}_count ${figure(value)}, bound ${figure(bound)}).`,
        metric,
        value,
        bound,
        labels,
        period,
      },
    ];
  });
}

function failuresByName(figures: Figures, period: 'interval' | 'lifetime'): Map<string, number> {
  const { codeFunctionName, errorType } = ATTRIBUTES;
  const failures = new Map<string, number>();
  for (const it of figures.counts(METRICS.functionDuration, [codeFunctionName, errorType], period)) {
    const type = labelOf(it, errorType);
    const name = labelOf(it, codeFunctionName);
    if (type !== '' && !/^abort/i.test(type)) failures.set(name, (failures.get(name) ?? 0) + it.value);
  }
  return failures;
}

function total(counts: readonly Figure[]): number {
  return counts.reduce((sum, { value }) => sum + value, 0);
}
