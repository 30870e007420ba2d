// Every query of our dashboards has an answer from a real Prometheus that scrapes the demo, before and after a deploy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METRIC_SETS } from '../../grafana/sets.js';
import { METRICS } from '../../src/metric-names.js';
import { prometheusName } from '../../src/prometheus/naming.js';
import { type Prometheus, requirePrometheus } from '../support/prometheus.js';
import {
  type Asked,
  ask,
  assertAnswered,
  type Choice,
  everything,
  most,
  needsRules,
  queriesOf,
  substitute,
  withAnswers,
} from './answers.js';
import { chartsOf, dashboardsOf, labelQueryOf } from './dashboard.js';
import { JOB, type Replica, type Stack, startStack } from './stack.js';

/** Metrics that a machine or the demo may not have; their queries may then be empty. Nothing else may. */
const MAY_BE_MISSING: Readonly<Record<string, string>> = {
  [`${prometheusName(METRICS.cgroupThrottledTime)}`]: 'only where a control group tells how long it was throttled',
  [`${prometheusName(METRICS.groupMemberUp)}`]: 'only where processes share an endpoint',
  [`${prometheusName(METRICS.groupMemberAge)}`]: 'only where processes share an endpoint',
  [`${prometheusName(METRICS.groupMemberServing)}`]: 'only where processes share an endpoint',
  [`${prometheusName(METRICS.spinTime)}`]: 'only where a loop was busy turning',
};

/** Panels that show what does not happen here. */
const MAY_BE_EMPTY: Readonly<Record<string, string>> = {
  'Last good version': 'the first version blocks its loop, and the second one turns requests away',
};

const DEFAULT_FAULTS = ['sync-call', 'small-pool', 'unbounded-queue'];
/** More than the queue of restarts takes where it has a limit. */
const FLOOD = 250;

const dashboards = dashboardsOf(METRIC_SETS.loopsight);
const overview = dashboards.find(({ file }) => file.endsWith('/overview.json'));
assert.ok(overview !== undefined);
const panels = chartsOf(overview.dashboard);
const annotations = overview.dashboard.annotations.list;
const ALL = everything(overview);

test('every query has an answer, and a deploy shows', { timeout: 230_000 }, async (t) => {
  if (!requirePrometheus(t)) return;
  await using stack = await startStack();
  const { prometheus, plain } = stack;
  const startS = Date.now() / 1000;
  const first = await stack.start('1', DEFAULT_FAULTS);
  const isScraped = ({ instance }: Replica) =>
    prometheus.waitForNumber(`process_uptime_seconds{instance="${instance}"}`);
  await isScraped(first);
  const { second, deployedS, scrapedS } = await deploy(stack, isScraped);

  const onlyFirst: Choice = {
    job: JOB,
    version: first.version.replaceAll('.', '\\\\.'),
    instance: first.instance.replaceAll('.', '\\\\.'),
    thread: '(main|renderer)',
  };
  const answerOf = (id: number, index = 0) => {
    const target = panels.find((panel) => panel.id === id)?.targets?.[index];
    assert.ok(target !== undefined, `There is no query ${index} of panel ${id}`);
    return ask(prometheus, target, ALL, startS);
  };

  await t.test('panels and annotations', async () => {
    const missing = await missingMetrics(prometheus);
    const hasData = ({ where, query }: Asked) =>
      !missing.some((name) => query.expr.includes(name)) &&
      !Object.keys(MAY_BE_EMPTY).some((title) => where.includes(title));
    for (const [source, isAnswered] of [
      [prometheus, () => true],
      [plain, (entry: Asked) => !needsRules(entry)],
    ] as const) {
      const asked: (Asked & { choice: Choice })[] = [];
      for (const committed of dashboards) {
        const all = await withAnswers(source, committed, everything(committed));
        const queries = queriesOf(committed).filter((entry) => hasData(entry) && isAnswered(entry));
        for (const entry of queries) asked.push({ ...entry, choice: all });
        // Where two versions are compared, one alone says nothing.
        if ('baseline' in all) continue;
        const chosen = { ...all, ...onlyFirst };
        for (const entry of queries)
          asked.push({ ...entry, where: `${entry.where}, of the first version`, choice: chosen });
      }
      await assertAnswered(source, asked, startS);
    }
  });
  await t.test('variables', async () => {
    const found: Record<string, string[]> = {};
    for (const variable of overview.dashboard.templating.list) {
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

  for (const [rules, source] of [
    ['with rules', prometheus],
    ['without rules', plain],
  ] as const) {
    await t.test(`a deploy has one marker, at the time at which it was first seen, ${rules}`, async () => {
      const versions = await markersOf(source, 'Deploys', 'service_version', startS);
      assert.deepEqual([...versions.keys()].toSorted(), [first.version, second.version]);
      const deployments = await markersOf(source, 'Deployments', 'deployment_id', startS);
      assert.deepEqual([...deployments.keys()].toSorted(), ['deployment-1', 'deployment-2']);
      for (const [key, times] of [...versions, ...deployments]) assert.equal(times.length, 1, key);
      for (const [seenMs = 0] of [versions.get(second.version) ?? [], deployments.get('deployment-2') ?? []]) {
        const [afterS, lateS] = [seenMs / 1000 - deployedS, seenMs / 1000 - scrapedS];
        assert.ok(afterS > -1 && lateS < 5, `${afterS} s after the deploy, ${lateS} s after the first scrape`);
      }
      const runtimes = await markersOf(source, 'Node.js versions', 'process_runtime_version', startS);
      assert.deepEqual([...runtimes.keys()], [process.versions.node]);
      assert.equal(runtimes.get(process.versions.node)?.length, 1);
    });
  }

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

  await t.test('a restart in place has a marker, and counts', async () => {
    await second.stop();
    const restarted = await stack.start('2', ['none']);
    assert.equal(restarted.instance, second.instance);
    const restarts = annotations.find(({ name }) => name === 'Restarts');
    assert.ok(restarts !== undefined);
    await prometheus.waitForNumber(substitute(restarts.expr, ALL));
    const [count] = await answerOf(112);
    assert.equal(count?.values[0]?.[1], 1);
    const [youngest] = await answerOf(111);
    assert.equal(youngest?.metric.instance, second.instance);
  });
});

/** The second version, without faults, but with more requests than it takes. */
async function deploy(stack: Stack, isScraped: (replica: Replica) => Promise<unknown>) {
  const deployedS = Date.now() / 1000;
  const second = await stack.start('2', ['none']);
  await isScraped(second);
  const scrapedS = Date.now() / 1000;
  await flood(second);
  // A series that appears with a value has not grown for Prometheus: only what fails after the first scrape counts.
  await stack.prometheus.waitForNumber('http_server_request_duration_seconds_count{http_response_status_code="503"}');
  await flood(second);
  return { second, deployedS, scrapedS };
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

/** When Grafana puts markers, in milliseconds since 1970, by a label: once for each value that a series has. */
async function markersOf(prometheus: Prometheus, name: string, label: string, startS: number) {
  const annotation = annotations.find((entry) => entry.name === name);
  assert.ok(annotation !== undefined);
  const series = await ask(prometheus, { expr: annotation.expr, instant: false }, ALL, startS);
  return new Map(series.map(({ metric, values }) => [metric[label] ?? '', [...new Set(values.map(([, ms]) => ms))]]));
}
