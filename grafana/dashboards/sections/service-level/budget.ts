// The service level that the rules record: what is promised, what is left of the budget, how fast it burns.
import { LABELS } from '../../labels.js';
import type { Section } from '../../layout.js';
import { stat } from '../../panels/stat.js';
import { timeSeries } from '../../panels/time-series.js';
import { recorded } from '../../recorded.js';

const JOB = `{{${LABELS.job}}}`;
const ON_JOB = `on (${LABELS.job})`;
const NOTHING = 'no objective set';
/** How long a budget is for. */
const PERIOD = '30d';
/** Burn rates at which somebody is paged: the budget of 30 days is gone in two days, or in five. */
const BURN_LIMITS = { warning: 6, critical: 14.4 };
const allowed = `(1 - ${recorded('objective')})`;

export function budget(): Section {
  const burn = (key: Parameters<typeof recorded>[0]) => `${recorded(key)} / ${ON_JOB} ${allowed}`;
  const over = (key: Parameters<typeof recorded>[0]) => `sum_over_time(${recorded(key)}[${PERIOD}])`;
  const spent = `(${over('slowMoments')} / (${over('moments')} > 0)) / ${ON_JOB} ${allowed}`;
  return {
    id: 22,
    title: 'Is the promise kept?',
    lines: [
      {
        height: 5,
        panels: [
          stat({
            id: 2201,
            title: 'Objective',
            description:
              'Share of moments that are promised to be fast. Set it, and the bound beside it, with `loopsight rules export --slo-objective`; `loopsight slo suggest` says what the last weeks would have kept.',
            unit: 'percentunit',
            nothing: NOTHING,
            queries: [{ expr: `min(${recorded('objective')})`, legend: 'objective' }],
          }),
          stat({
            id: 2202,
            title: 'Bound of a fast moment',
            description:
              'A moment is fast where an arrival waits at most so long for the main loop. It is a bound of a bucket of the lag, so that the share is counted and not estimated.',
            unit: 's',
            nothing: NOTHING,
            queries: [{ expr: `max(${recorded('bound')})`, legend: 'bound' }],
          }),
          stat({
            id: 2203,
            title: 'Fast moments in the last hour',
            description:
              'Share of moments that were fast, of the worst chosen job. Below the objective the budget shrinks; how fast is below under "Burn rate".',
            unit: 'percentunit',
            nothing: NOTHING,
            queries: [{ expr: `min(1 - ${recorded('slow1h')})`, legend: 'fast' }],
          }),
          stat({
            id: 2204,
            title: 'Budget left of 30 days',
            description:
              'What is left of the slow moments that the objective allows in 30 days, of the worst chosen job. None left: stop what is risky until it grows again. Younger than 30 days it counts what there is.',
            unit: 'percentunit',
            nothing: NOTHING,
            queries: [{ expr: `min(clamp_min(1 - ${spent}, 0))`, legend: 'left' }],
          }),
        ],
      },
      {
        height: 9,
        panels: [
          timeSeries({
            id: 2205,
            title: 'Burn rate',
            description:
              'How many times faster than allowed the budget is spent: at 1 it lasts 30 days, at 14.4 two days. Long and short windows together page: the long one says that it matters, the short one that it goes on.',
            unit: 'none',
            limits: BURN_LIMITS,
            atLeast: 1,
            queries: [
              { expr: burn('slow5m'), legend: `${JOB} 5m` },
              { expr: burn('slow1h'), legend: `${JOB} 1h` },
              { expr: burn('slow6h'), legend: `${JOB} 6h` },
              { expr: burn('slow3d'), legend: `${JOB} 3d` },
            ],
          }),
          timeSeries({
            id: 2206,
            title: 'Budget left over time',
            description:
              'A slope is a steady burn, a step an incident; both are easier to argue about than single alerts. Deploy markers tell which version spent it.',
            unit: 'percentunit',
            atLeast: 1,
            queries: [{ expr: `clamp_min(1 - ${spent}, 0)`, legend: JOB }],
          }),
        ],
      },
    ],
  };
}
