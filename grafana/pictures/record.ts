// Asks Prometheus what the dashboards of Loopsight's own set ask, and keeps the answers.
import { basename } from 'node:path';
import { type Choice, type Durations, substitute, withAnswers } from '../../test/grafana/answers.js';
import { type CommittedDashboard, dashboardsOf } from '../../test/grafana/dashboard.js';
import type { Prometheus, PrometheusSeries } from '../../test/support/prometheus.js';
import { METRIC_SETS } from '../sets.js';

/** Answers by panel and query: `<panel id> <refId>`, or `annotation <name>`. */
export type Answers = Readonly<Record<string, readonly PrometheusSeries[]>>;

/** What the pictures are drawn from. */
export interface Recording {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  /** By the id of the dashboard, such as `overview`. */
  readonly dashboards: Readonly<Record<string, Answers>>;
}

const STEP_S = 2;
/** Where a scrape is made every second; rates are as smooth as with Grafana's usual ones. */
const RATE_INTERVAL = '15s';

/** What the dashboards show of the time from `startS` to `endS`, which is now, with the choices that they open with. */
export async function record(prometheus: Prometheus, startS: number, endS: number): Promise<Recording> {
  const [fromS, toS] = [startS, endS].map((seconds) => Math.floor(seconds / STEP_S) * STEP_S) as [number, number];
  const durations: Durations = { rateInterval: RATE_INTERVAL, interval: `${STEP_S}s`, range: `${toS - fromS}s` };
  const dashboards: Record<string, Answers> = {};
  for (const committed of dashboardsOf(METRIC_SETS.loopsight)) {
    const choice = await withAnswers(prometheus, committed, initialChoice(committed), durations);
    const answers: Record<string, readonly PrometheusSeries[]> = {};
    for (const { key, expr, instant } of queriesOf(committed)) {
      const expression = substitute(expr, choice, durations);
      // All queries of a table are asked for the same moment: its rows are joined by time.
      answers[key] = await prometheus.queryRange(expression, instant ? toS : fromS, toS, STEP_S);
    }
    dashboards[basename(committed.file, '.json')] = answers;
  }
  return { fromMs: fromS * 1000, toMs: toS * 1000, stepMs: STEP_S * 1000, dashboards };
}

interface Query {
  readonly key: string;
  readonly expr: string;
  readonly instant: boolean;
}

function queriesOf({ dashboard }: CommittedDashboard): readonly Query[] {
  return [
    ...dashboard.panels.flatMap(({ id, targets = [] }) =>
      targets.map(({ refId, expr, instant }) => ({ key: `${id} ${refId}`, expr, instant })),
    ),
    ...dashboard.annotations.list.map(({ name, expr }) => ({ key: `annotation ${name}`, expr, instant: false })),
  ];
}

function initialChoice({ dashboard }: CommittedDashboard): Choice {
  return Object.fromEntries(
    dashboard.templating.list.map(({ name, allValue = '', current }) => {
      const chosen = current?.value.join('|') ?? '';
      return [name, chosen === '$__all' ? allValue : chosen];
    }),
  );
}
