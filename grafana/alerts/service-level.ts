// Alerts of the service level: how fast its budget of slow moments is used up, over two windows each.
// Google's "The Site Reliability Workbook", chapter 5, has the windows and factors.
import { METRICS } from '../../src/metric-names.js';
import { DAY_S, HOUR_S, MINUTE_S } from '../rules/durations.js';
import { type Expressions, quietJobs } from '../rules/promql.js';
import { slowShare } from '../rules/service-level.js';
import { type Alert, PERCENT } from './alert.js';
import { pagesWithin } from './paged.js';

/** How many times faster than allowed the budget goes, seen over a long window and over a short one. */
interface Burn {
  readonly factor: number;
  readonly longS: number;
  readonly shortS: number;
}

const FAST: readonly Burn[] = [
  { factor: 14.4, longS: HOUR_S, shortS: 5 * MINUTE_S },
  { factor: 6, longS: 6 * HOUR_S, shortS: 30 * MINUTE_S },
];
const SLOW: readonly Burn[] = [
  { factor: 3, longS: DAY_S, shortS: 2 * HOUR_S },
  { factor: 1, longS: 3 * DAY_S, shortS: 6 * HOUR_S },
];

const COMMON = {
  needs: [METRICS.eventLoopLag],
  isOff: (e: Expressions) => e.options.sloObjective === undefined,
  panel: 'burnRate',
} as const;

export const SERVICE_LEVEL_ALERTS: readonly Alert[] = [
  {
    ...COMMON,
    name: 'LoopsightBudgetBurnsFast',
    severity: 'page',
    expr: (e) => `(\n  ${burning(e, FAST)}\n)\nunless ${quietJobs(e)}`,
    forS: 0,
    keepFiringS: 5 * MINUTE_S,
    summary: ({ options }) =>
      `In {{ $labels.job }} ${PERCENT} of the moments had more than ${options.sloBoundS} s of lag; ${allowed(options.sloObjective)} is allowed.`,
    description:
      'At this pace the budget of 30 days is gone within days. Find out since when, and roll back what began then.',
    runbook: 'budget-burns-fast',
  },
  {
    ...COMMON,
    name: 'LoopsightBudgetBurns',
    severity: 'ticket',
    // What somebody was paged for is known, and its traces stay in these windows for hours.
    expr: (e) =>
      `(\n  ${burning(e, SLOW)}\n)\nunless ${quietJobs(e)}\nunless on (${e.labels()}) ${pagesWithin(e, 6 * HOUR_S)}`,
    forS: 15 * MINUTE_S,
    keepFiringS: 15 * MINUTE_S,
    summary: ({ options }) =>
      `Over a day or more, ${PERCENT} of the moments of {{ $labels.job }} had more than ${options.sloBoundS} s of lag; ${allowed(options.sloObjective)} is allowed.`,
    description:
      'Nobody is hurt much at once, but the budget of 30 days will not last: look at what stalls loops most.',
    runbook: 'budget-burns',
  },
];

function burning(e: Expressions, burns: readonly Burn[]): string {
  return burns
    .map(({ factor, longS, shortS }) => {
      const bound = Number((factor * (1 - (e.options.sloObjective ?? 1))).toPrecision(6));
      const [long, short] = [longS, shortS].map((windowS) => e.record(slowShare(windowS)));
      return `(${long} > ${bound} and on (${e.labels()}) ${short} > ${bound})`;
    })
    .join('\n  or ');
}

function allowed(objective = 1): string {
  return `${Number(((1 - objective) * 100).toPrecision(6))} %`;
}
