// Runs the demo through a deploy, and asks Prometheus what the dashboard asks it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Prometheus, PrometheusSeries } from '../../test/support/prometheus.js';
import { type ReplicaPlan, startReplicas } from './replicas.js';

/** What the pictures are drawn from: answers of Prometheus, by panel and query. */
export interface Recording {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  /** By `<panel id> <refId>`, or `annotation <name>`. */
  readonly answers: Readonly<Record<string, readonly PrometheusSeries[]>>;
}

interface Query {
  readonly key: string;
  readonly expr: string;
  readonly instant: boolean;
}

interface Dashboard {
  readonly panels: readonly { id: number; targets?: readonly { refId: string; expr: string; instant: boolean }[] }[];
  readonly annotations: { readonly list: readonly { name: string; expr: string }[] };
  readonly templating: { readonly list: readonly { name: string; allValue?: string; current?: { value: string[] } }[] };
}

const SCRAPE_INTERVAL_S = 4;
/** Four scrapes, as Grafana derives it. */
const RATE_INTERVAL = `${4 * SCRAPE_INTERVAL_S}s`;
const BEFORE_DEPLOY_S = 130;
const AFTER_DEPLOY_S = 220;
/** Until rates over a whole interval exist. */
const WARM_UP_S = 20;

const OLD: readonly ReplicaPlan[] = [
  { name: 'replica-1', version: '1', faults: [] },
  { name: 'replica-2', version: '1', faults: [] },
];
const NEW: ReplicaPlan = { name: 'replica-3', version: '2', faults: ['sync-call', 'small-pool', 'unbounded-queue'] };

/** Takes some six minutes: two replicas of version 1, and after a while one of version 2 beside them. */
export async function record(root: string): Promise<Recording> {
  const dashboard = JSON.parse(
    readFileSync(join(root, 'grafana/dashboards/loopsight/overview.json'), 'utf8'),
  ) as Dashboard;
  await using replicas = await startReplicas(root, SCRAPE_INTERVAL_S, [...OLD, NEW]);
  for (const plan of OLD) await replicas.start(plan);
  await wait(WARM_UP_S * 1000);
  const startS = alignToStep(Date.now() / 1000);
  await wait(BEFORE_DEPLOY_S * 1000);
  await replicas.start(NEW);
  await wait(AFTER_DEPLOY_S * 1000);
  const endS = alignToStep(Date.now() / 1000);

  const answers: Record<string, readonly PrometheusSeries[]> = {};
  for (const query of queriesOf(dashboard)) {
    answers[query.key] = await ask(replicas.prometheus, query, dashboard, startS, endS);
  }
  return { fromMs: startS * 1000, toMs: endS * 1000, stepMs: SCRAPE_INTERVAL_S * 1000, answers };
}

function ask(prometheus: Prometheus, { expr, instant }: Query, dashboard: Dashboard, startS: number, endS: number) {
  const expression = substitute(expr, dashboard);
  // All queries of a table are asked for the same moment: its rows are joined by time.
  return prometheus.queryRange(expression, instant ? endS : startS, endS, SCRAPE_INTERVAL_S);
}

function queriesOf({ panels, annotations }: Dashboard): readonly Query[] {
  return [
    ...panels.flatMap(({ id, targets = [] }) => targets.map((target) => ({ ...target, key: `${id} ${target.refId}` }))),
    ...annotations.list.map(({ name, expr }) => ({ key: `annotation ${name}`, expr, instant: false })),
  ];
}

/** What Grafana makes of a query before it sends it, with the choices that the dashboard opens with. */
function substitute(expression: string, { templating }: Dashboard): string {
  let text = expression
    .replaceAll('$__rate_interval', RATE_INTERVAL)
    .replaceAll('$__interval', `${SCRAPE_INTERVAL_S}s`);
  for (const { name, allValue = '', current } of templating.list) {
    const chosen = current?.value.join('|') ?? '';
    text = text.replaceAll(`$${name}`, chosen === '$__all' ? allValue : chosen);
  }
  return text;
}

function alignToStep(seconds: number): number {
  return Math.floor(seconds / SCRAPE_INTERVAL_S) * SCRAPE_INTERVAL_S;
}
