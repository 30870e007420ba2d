// Every query of the dashboard has an answer from a real Prometheus that scrapes the demo, before and after a deploy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { METRICS } from '../../src/metric-names.js';
import { prometheusName } from '../../src/prometheus/naming.js';
import { type Prometheus, type PrometheusSeries, requirePrometheus } from '../support/prometheus.js';
import { chartsOf, labelQueryOf, readDashboard, type Target } from './dashboard.js';
import { JOB, type Replica, type Stack, startStack } from './stack.js';

/** Metrics that a machine may not have; their queries may then be empty. Nothing else may. */
const MAY_BE_MISSING: Readonly<Record<string, string>> = {
  [`${prometheusName(METRICS.cgroupThrottledTime)}`]: 'only where a control group tells how long it was throttled',
};

/** All queries have an answer by then, or fail. */
const LIMIT_MS = 45_000;
const DEFAULT_FAULTS = ['sync-call', 'small-pool', 'unbounded-queue'];
/** More than the queue of restarts takes where it has a limit. */
const FLOOD = 250;

type Choice = Readonly<Record<'job' | 'version' | 'instance' | 'thread', string>>;

const dashboard = readDashboard('loopsight', 'overview.json');
const panels = chartsOf(dashboard);

const ALL = Object.fromEntries(
  dashboard.templating.list.map(({ name, allValue = '' }) => [name, allValue]),
) as unknown as Choice;

/** What Grafana makes of a query before it sends it. */
function substitute(expression: string, choice: Choice): string {
  return expression
    .replaceAll('$__rate_interval', '10s')
    .replaceAll('$__interval', '1s')
    .replaceAll(/\$(job|version|instance|thread)\b/g, (_match, name: keyof Choice) => choice[name]);
}

const hasData = (series: readonly PrometheusSeries[]) =>
  series.some(({ values }) => values.some(([, value]) => Number.isFinite(value)));

test('every query has an answer, and a deploy shows', { timeout: 120_000 }, async (t) => {
  if (!requirePrometheus(t)) return;
  await using stack = await startStack();
  const { prometheus } = stack;
  const startS = Date.now() / 1000;
  const first = await stack.start('1', DEFAULT_FAULTS);
  const isScraped = ({ instance }: Replica) =>
    prometheus.waitForNumber(`process_uptime_seconds{instance="${instance}"}`);
  await isScraped(first);
  const { second, deployedS } = await deploy(stack, isScraped);

  const evaluate = (target: Pick<Target, 'expr' | 'instant'>, choice: Choice) => {
    const expression = substitute(target.expr, choice);
    return target.instant
      ? prometheus.query(expression)
      : prometheus.queryRange(expression, Math.floor(startS), Math.floor(Date.now() / 1000));
  };
  const answerOf = (id: number, index = 0) => {
    const target = panels.find((panel) => panel.id === id)?.targets?.[index];
    assert.ok(target !== undefined, `There is no query ${index} of panel ${id}`);
    return evaluate(target, ALL);
  };

  const onlyFirst: Choice = {
    job: JOB,
    version: first.version.replaceAll('.', '\\\\.'),
    instance: first.instance.replaceAll('.', '\\\\.'),
    thread: '(main|renderer)',
  };
  await t.test('panels and annotations', async () => {
    const missing = await missingMetrics(prometheus);
    const targets = [
      ...panels.flatMap((panel) => (panel.targets ?? []).map((query) => ({ where: panel.title, query }))),
      ...dashboard.annotations.list.map(({ name, expr }) => ({ where: name, query: { expr, instant: false } })),
    ].filter(({ query }) => !missing.some((name) => query.expr.includes(name)));
    let open = targets.flatMap(({ where, query }) => [
      { where: `${where}, of everything`, query, choice: ALL },
      { where: `${where}, of the first version`, query, choice: onlyFirst },
    ]);
    for (const endMs = performance.now() + LIMIT_MS; open.length > 0; await wait(500)) {
      const without: typeof open = [];
      for (const entry of open) if (!hasData(await evaluate(entry.query, entry.choice))) without.push(entry);
      open = without;
      const left = open.map(({ where, query, choice }) => `${where}: ${substitute(query.expr, choice)}`);
      assert.ok(performance.now() < endMs, `No data, or not a number:\n${left.join('\n')}`);
    }
  });

  await t.test('variables', async () => {
    const found: Record<string, string[]> = {};
    for (const variable of dashboard.templating.list) {
      const query = labelQueryOf(variable);
      if (query === undefined) continue;
      found[variable.name] = (await prometheus.labelValues(query.label, substitute(query.selector, ALL))).toSorted();
    }
    assert.deepEqual(found, {
      job: [JOB],
      version: [first.version, second.version],
      instance: [first.instance, second.instance].toSorted(),
      thread: ['main', 'renderer'],
    });
  });

  await t.test('a deploy has one marker, at the time at which the version was first seen', async () => {
    const [annotation] = dashboard.annotations.list;
    assert.ok(annotation !== undefined);
    const markers = await evaluate({ expr: annotation.expr, instant: false }, ALL);
    const times = new Map(markers.map(({ metric, values }) => [metric.service_version, values.map(([s]) => s)]));
    assert.deepEqual([...times.keys()].toSorted(), [first.version, second.version]);
    assert.equal(times.get(first.version)?.length, 1);
    assert.equal(times.get(second.version)?.length, 1);
    const [seenS = 0] = times.get(second.version) ?? [];
    assert.ok(seenS >= Math.floor(deployedS) && seenS <= deployedS + 10, `${seenS - deployedS} s after the deploy`);
  });

  await t.test('figures are those of what happened', async () => {
    const valuesBy = async (label: string, id: number, index = 0) =>
      (await answerOf(id, index)).map(({ metric }) => metric[label] ?? '').toSorted();
    assert.deepEqual(await valuesBy('service_version', 201), [first.version, second.version]);
    assert.deepEqual(await valuesBy('queue_name', 401), ['reports', 'restarts']);
    assert.ok((await valuesBy('http_response_status_code', 301)).includes('503'));
    // The requests that the full queue of the second version turned away, and they alone, have failed.
    const failed = new Map((await answerOf(302)).map(({ metric, values }) => [metric.service_version, most(values)]));
    assert.ok((failed.get(second.version) ?? 0) > 0.05, `${failed.get(second.version)}`);
    assert.equal(failed.get(first.version), 0);
    // A synchronous key derivation of 150 ms and more blocks the first version's loop every second or so.
    const lag = new Map((await answerOf(201, 1)).map(({ metric, values }) => [metric.service_version, most(values)]));
    assert.ok((lag.get(first.version) ?? 0) > 0.05, `${lag.get(first.version)} s`);
  });
});

/** The second version, without faults, but with more requests than it takes. */
async function deploy(stack: Stack, isScraped: (replica: Replica) => Promise<unknown>) {
  const deployedS = Date.now() / 1000;
  const second = await stack.start('2', ['none']);
  await isScraped(second);
  await flood(second);
  // A series that appears with a value has not grown for Prometheus: only what fails after the first scrape counts.
  await stack.prometheus.waitForNumber('http_server_request_duration_seconds_count{http_response_status_code="503"}');
  await flood(second);
  return { second, deployedS };
}

async function flood({ url }: Replica): Promise<void> {
  const requests = Array.from({ length: FLOOD }, () => fetch(`${url}/restarts?host=web-1`, { method: 'POST' }));
  const statuses = (await Promise.all(requests)).map(({ status }) => status);
  assert.ok(statuses.includes(503), `No request was turned away, all were answered with ${new Set(statuses)}`);
}

/** Those of MAY_BE_MISSING that this machine does not have. */
async function missingMetrics(prometheus: Prometheus): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const name of Object.keys(MAY_BE_MISSING)) if ((await prometheus.query(name)).length === 0) missing.push(name);
  return missing;
}

function most(values: PrometheusSeries['values']): number {
  return Math.max(...values.map(([, value]) => value).filter(Number.isFinite));
}
