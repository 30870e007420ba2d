// What Prometheus answers when a dashboard asks, as Grafana would send it.
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Prometheus, PrometheusSeries } from '../support/prometheus.js';
import { answerQueryOf, type CommittedDashboard, chartsOf, selectorsOf, type Target } from './dashboard.js';

/** Values of variables, as regular expressions. */
export type Choice = Readonly<Record<string, string>>;

/** A query and where it stands. */
export interface Asked {
  readonly where: string;
  readonly query: Pick<Target, 'expr' | 'instant'>;
}

/** All queries have an answer by then, or fail. */
const LIMIT_MS = 90_000;
const NOT_BY_ITSELF = ['Restarts', 'Versions gone'];

/** The choice of everything, with `more` chosen. */
export function everything({ dashboard }: CommittedDashboard, more: Choice = {}): Choice {
  const all = dashboard.templating.list.map(({ name, type, allValue = '', current }) =>
    type === 'custom' ? ([name, String(current?.value)] as const) : ([name, allValue] as const),
  );
  return { ...Object.fromEntries(all), ...more };
}

/** Every query of panels and annotations, but the markers of what does not happen by itself. */
export function queriesOf({ file, dashboard }: CommittedDashboard): readonly Asked[] {
  return [
    ...chartsOf(dashboard).flatMap(({ title, targets = [] }) =>
      targets.map((query) => ({ where: `${file}, ${title} ${query.refId}`, query })),
    ),
    ...dashboard.annotations.list
      .filter(({ name }) => !NOT_BY_ITSELF.includes(name))
      .map(({ name, expr }) => ({ where: `${file}, ${name}`, query: { expr, instant: false } })),
  ];
}

/** Whether the query reads nothing but recording rules, and so has no answer without them. */
export function needsRules({ query }: Asked): boolean {
  return selectorsOf(query.expr).every(({ name }) => name.includes(':'));
}

/** Durations that Grafana derives from the graph. */
export interface Durations {
  readonly rateInterval: string;
  readonly interval: string;
  readonly range: string;
}

/** Where a scrape is made every second; the range is longer than any test. */
const SECONDLY: Durations = { rateInterval: '10s', interval: '1s', range: '5m' };

/** What Grafana makes of an expression before it sends it. */
export function substitute(expression: string, choice: Choice, durations = SECONDLY): string {
  return (
    expression
      .replaceAll('$__rate_interval_ms', `${secondsOf(durations.rateInterval) * 1000}`)
      .replaceAll('$__rate_interval', durations.rateInterval)
      .replaceAll('$__interval_ms', `${secondsOf(durations.interval) * 1000}`)
      .replaceAll('$__range_s', `${secondsOf(durations.range)}`)
      .replaceAll('$__interval', durations.interval)
      .replaceAll('$__range', durations.range)
      // What is looked at every 30 s, or every 5 min, happens within seconds in a test.
      .replaceAll(/:(?:30s|5m)\]/g, `:${durations.interval}]`)
      .replaceAll(/\$\{?(\w+)\}?/g, (variable, name: string) => choice[name] ?? variable)
  );
}

/** `choice` with what is chosen at first of the variables that Prometheus answers: the first that their pattern finds. */
export async function withAnswers(
  prometheus: Prometheus,
  { file, dashboard }: CommittedDashboard,
  choice: Choice,
  durations = SECONDLY,
): Promise<Choice> {
  const chosen: Record<string, string> = { ...choice };
  for (const variable of dashboard.templating.list) {
    const expression = answerQueryOf(variable);
    if (expression === undefined) continue;
    const pattern = new RegExp((variable.regex ?? '').slice(1, -1));
    const [found] = (await prometheus.query(substitute(expression, chosen, durations)))
      .map((series) => asGrafanaShows(series).match(pattern)?.[1])
      .filter((value) => value !== undefined);
    assert.ok(
      found !== undefined,
      `${file}: ${variable.name} has no answer to ${substitute(expression, chosen, durations)}`,
    );
    chosen[variable.name] = found;
  }
  return chosen;
}

/** A series of `query_result()`, as a variable's pattern is applied to it. */
function asGrafanaShows({ metric, values }: PrometheusSeries): string {
  const { __name__ = '', ...labels } = metric;
  const [[seconds, value] = [0, Number.NaN]] = values;
  const pairs = Object.entries(labels).map(([name, text]) => `${name}="${text}"`);
  return `${__name__}{${pairs.join(',')}} ${value} ${Math.round(seconds * 1000)}`;
}

/** The answer for the time since `startS`, in seconds since 1970. */
export function ask(prometheus: Prometheus, { expr, instant }: Asked['query'], choice: Choice, startS: number) {
  const expression = substitute(expr, choice);
  return instant
    ? prometheus.query(expression)
    : prometheus.queryRange(expression, Math.floor(startS), Math.floor(Date.now() / 1000));
}

function secondsOf(duration: string): number {
  const [, count = '', unit = ''] = duration.match(/^(\d+)([sm])$/) ?? [];
  return Number(count) * (unit === 'm' ? 60 : 1);
}

/** Waits until all have an answer with a number in it; fails with those that have none. */
export async function assertAnswered(
  prometheus: Prometheus,
  asked: readonly (Asked & { readonly choice: Choice })[],
  startS: number,
): Promise<void> {
  let open = asked;
  for (const endMs = performance.now() + LIMIT_MS; open.length > 0; await wait(500)) {
    const without: (typeof asked)[number][] = [];
    for (const entry of open) {
      if (!(await isAnswered(prometheus, entry, startS))) without.push(entry);
    }
    open = without;
    const left = open.map(({ where, query, choice }) => `${where}: ${substitute(query.expr, choice)}`);
    assert.ok(performance.now() < endMs, `No data, or not a number:\n${left.join('\n')}`);
  }
}

/** Asks for the present moment first: that is one of a graph's points, and costs a fraction of all. */
async function isAnswered(prometheus: Prometheus, { query, choice }: Asked & { choice: Choice }, startS: number) {
  const now = { ...query, instant: true };
  return (
    hasNumber(await ask(prometheus, now, choice, startS)) ||
    (!query.instant && hasNumber(await ask(prometheus, query, choice, startS)))
  );
}

/** The largest number among `values`. */
export function most(values: PrometheusSeries['values']): number {
  return Math.max(...values.map(([, value]) => value).filter(Number.isFinite));
}

function hasNumber(series: readonly PrometheusSeries[]): boolean {
  return series.some(({ values }) => values.some(([, value]) => Number.isFinite(value)));
}
