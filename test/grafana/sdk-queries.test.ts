// Every query of the dashboards for an application's own SDK has an answer: the demo in two versions, with the stock
// Prometheus exporter and the OTLP exporter as npm installs them. What Prometheus' receiver would make of the latter is
// done by otlp-receiver.ts.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { METRIC_SETS, type MetricSet } from '../../grafana/sets.js';
import { METRICS, type MetricDefinition } from '../../src/metric-names.js';
import { installNeighbours } from '../support/neighbours.js';
import { freePort, type Prometheus, requirePrometheus, startPrometheus } from '../support/prometheus.js';
import { type Asked, ask, assertAnswered, everything, queriesOf, withAnswers } from './answers.js';
import { type CommittedDashboard, chartsOf, dashboardsOf } from './dashboard.js';
import { createDemoProcesses } from './demo-processes.js';
import { startOtlpReceiver } from './otlp-receiver.js';
import { type Parts, startParts } from './parts.js';
import { writeRules } from './written-rules.js';

const SCRAPED = 'scraped';
const PUSHED = 'pushed';
const SETS = [
  { set: METRIC_SETS['opentelemetry-exporter'], job: SCRAPED },
  { set: METRIC_SETS.otlp, job: PUSHED },
] as const;
const VERSIONS = ['1', '2'] as const;

/** What does not happen here: nothing is throttled, fails, spins, is profiled, or asks for more than there is. */
const MAY_BE_MISSING: readonly MetricDefinition[] = [
  METRICS.cgroupThrottledTime,
  METRICS.spinTime,
  METRICS.cpuTime,
  METRICS.routeCpuTime,
];
const MAY_BE_EMPTY: readonly string[] = ['Last good version'];

test('every query has an answer where an application runs its own SDK', { timeout: 230_000 }, async (t) => {
  if (!requirePrometheus(t)) return;
  const neighbour = await installNeighbours('otel2');
  if ('missing' in neighbour) return t.skip(neighbour.missing);
  await using stack = await startParts((parts) => startStack(parts, join(neighbour.folder, 'demo.mjs')));
  const { prometheus, startS } = stack;

  for (const { set, job } of SETS) {
    await t.test(set.title, async () => {
      await assertAnswered(prometheus, await askedOf(prometheus, dashboardsOf(set), job, set), startS);
    });

    await t.test(`${set.title}: each instance has its version, and both have their figures`, async () => {
      const overview = dashboardsOf(set).find(({ file }) => file.endsWith('/overview.json'));
      assert.ok(overview !== undefined);
      const target = chartsOf(overview.dashboard).find(({ id }) => id === 201)?.targets?.[1];
      assert.ok(target !== undefined);
      const versionsOf = async (version: string) =>
        (await ask(prometheus, target, everything(overview, { job, version }), startS))
          .map(({ metric }) => metric.service_version)
          .toSorted();
      assert.deepEqual(await versionsOf('.*'), ['1.0.0', '2.0.0']);
      assert.deepEqual(await versionsOf('2.0.0'), ['2.0.0']);
    });
  }
});

/** A Prometheus that scrapes both versions, and what they push. */
async function startStack(parts: Parts, preloaded: string) {
  const receiver = parts.add(await startOtlpReceiver());
  const ports = await Promise.all(VERSIONS.map(() => freePort()));
  const rules = parts.add(writeRules(SETS));
  const prometheus = parts.add(
    await startPrometheus(
      [
        'global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }',
        `rule_files: ${JSON.stringify(rules.files)}`,
        'scrape_configs:',
        `  - job_name: ${SCRAPED}`,
        `    static_configs: [{ targets: ${JSON.stringify(ports.map((port) => `127.0.0.1:${port}`))} }]`,
        '  - job_name: receiver',
        '    honor_labels: true',
        `    static_configs: [{ targets: ["${receiver.target}"] }]`,
        '',
      ].join('\n'),
    ),
  );
  const processes = parts.add(createDemoProcesses());
  const startS = Date.now() / 1000;
  for (const [index, version] of VERSIONS.entries()) {
    await processes.start({
      version,
      faults: ['sync-call', 'small-pool', 'unbounded-queue'],
      preloaded,
      env: {
        SCRAPED_PORT: `${ports[index]}`,
        OTEL_SERVICE_NAME: PUSHED,
        OTEL_RESOURCE_ATTRIBUTES: `service.version=${version}.0.0,service.instance.id=pod-${version},deployment.id=d${version}`,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
      },
    });
    for (const job of [SCRAPED, PUSHED]) {
      await prometheus.waitForNumber(`target_info{job="${job}", service_version="${version}.0.0"}`);
    }
  }
  return { prometheus, startS, [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() };
}

async function askedOf(prometheus: Prometheus, dashboards: readonly CommittedDashboard[], job: string, set: MetricSet) {
  const missing = MAY_BE_MISSING.map((metric) => set.nameOf(metric));
  const asked = [];
  for (const committed of dashboards) {
    const choice = await withAnswers(prometheus, committed, everything(committed, { job }));
    const queries = queriesOf(committed).filter(
      ({ where, query }: Asked) =>
        !missing.some((name) => query.expr.includes(name)) && !MAY_BE_EMPTY.some((title) => where.includes(title)),
    );
    for (const entry of queries) asked.push({ ...entry, choice });
  }
  return asked;
}
