// Rules and runbooks against a real Prometheus that scrapes the demo: what they select is there, and what they ask has an answer.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRuleGroups, renderGroups } from '../../../grafana/rules/render.js';
import { METRIC_SETS } from '../../../grafana/sets.js';
import { METRICS, type MetricDefinition } from '../../../src/metric-names.js';
import { eventually } from '../../support/eventually.js';
import { requirePrometheus3 } from '../../support/external-tools.js';
import { registerEsm } from '../../support/instrumented.js';
import { freePort, type Prometheus, requirePrometheus, startPrometheus } from '../../support/prometheus.js';
import { createDemoProcesses } from '../demo-processes.js';
import { RUNBOOKS } from './runbooks.js';

const JOB = 'mayhem';
const PATIENCE_MS = 60_000;
const set = METRIC_SETS.loopsight;
const { recording, alerts } = createRuleGroups(set, {
  shorten: 60,
  intervalS: 0.5,
  regressionRequests: 1,
  sloObjective: 0.999,
});
const rules = [...recording, ...alerts].flatMap((group) => group.rules);
const records = rules.flatMap((rule) => ('record' in rule ? [rule.record] : []));

/** What is not there, and why. */
const MAY_BE_MISSING: readonly (readonly [what: RegExp, why: string])[] = [
  [/^db_client_connection_/, 'the demo has no database'],
  [new RegExp(`^${set.nameOf(METRICS.cgroupThrottledTime)}`), 'only where a control group tells it'],
  [/^ALERTS/, 'nothing may be wrong yet'],
  [/error_type!=""/, 'no request may have failed yet'],
  [/^job_version:http_server_requests_failed/, 'the same'],
  [/^job_version:loopsight_previous/, 'there may have been no deploy yet'],
];
const mayBeMissing = (text: string) => MAY_BE_MISSING.some(([what]) => what.test(text));

/** The names of series that there can be. */
const known = new Set([
  ...Object.values<MetricDefinition>(METRICS).flatMap((metric) =>
    metric.kind === 'histogram'
      ? (['_bucket', '_sum', '_count'] as const).map((suffix) => set.nameOf(metric, suffix))
      : [set.nameOf(metric)],
  ),
  ...records,
  'up',
  'target_info',
  'ALERTS',
]);

/** The selectors of an expression: names that are known, or that stand before braces or a range. */
function selectorsOf(expression: string): readonly { readonly name: string; readonly selector: string }[] {
  const text = expression.replaceAll(/\b(by|on|group_left|without) \([^)]*\)/g, '');
  return [...text.matchAll(/(?<![\w:"])([a-zA-Z_:][\w:]*)(\{(?:[^}"]|"[^"]*")*\})?(?=(\[)|)/g)].flatMap(
    ([, name = '', braces, range]) =>
      known.has(name) || braces !== undefined || range !== undefined
        ? [{ name, selector: `${name}${braces ?? ''}` }]
        : [],
  );
}

const queries = RUNBOOKS.flatMap(({ name, queries: own }) =>
  own.map((query) => ({ name, query: query.replaceAll('JOB', JOB) })),
);

test('every name in rules and runbooks is that of a metric or of a record', () => {
  const expressions = [...rules.map(({ expr }) => expr), ...queries.map(({ query }) => query)];
  let names = 0;
  for (const expression of expressions) {
    const selectors = selectorsOf(expression);
    assert.ok(selectors.length > 0, expression);
    names += selectors.length;
    for (const { name } of selectors) assert.ok(known.has(name), `there is no ${name}: ${expression}`);
  }
  assert.ok(names > 150, `${names}`);
});

test('the demo has what rules select and runbooks ask for', { timeout: 230_000 }, async (t) => {
  if (!requirePrometheus(t)) return;
  const prometheus3 = requirePrometheus3(t);
  if (prometheus3 === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-rules-'));
  try {
    writeFileSync(join(folder, 'rules.yml'), renderGroups([...recording, ...alerts]));
    const port = await freePort();
    await using processes = createDemoProcesses();
    await processes.start({
      version: '1',
      faults: ['sync-call', 'small-pool', 'unbounded-queue', 'busy-yield'],
      preloaded: registerEsm,
      env: {
        OTEL_SERVICE_NAME: JOB,
        OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.0.0,deployment.id=first',
        OTEL_EXPORTER_PROMETHEUS_PORT: `${port}`,
      },
    });
    const configuration = [
      'global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }',
      `rule_files: [${folder}/rules.yml]`,
      'scrape_configs:',
      `  - job_name: ${JOB}`,
      `    static_configs: [{ targets: ["127.0.0.1:${port}"] }]`,
      '',
    ].join('\n');
    await using second = await startPrometheus(configuration);
    // It writes bounds of buckets in its own way.
    await using third = await startPrometheus(configuration, [], prometheus3);

    const selected = new Set(rules.flatMap(({ expr }) => selectorsOf(expr).map(({ selector }) => selector)));
    const counts = [...selected].map((selector) => `count(${selector})`);
    const uncertain = [...selected].filter(mayBeMissing).map((selector) => `count(${selector})`);
    // A comparison has no answer where nothing is wrong; that Prometheus takes it is what is asked for.
    const optional = queries
      .filter(
        ({ query }) => / [<>=]=? /.test(query) || selectorsOf(query).some(({ selector }) => mayBeMissing(selector)),
      )
      .map(({ query }) => query);
    for (const prometheus of [second, third]) {
      await withAnswer(prometheus, [...counts, ...queries.map(({ query }) => query)], [...uncertain, ...optional]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Resolves when every expression has an answer, save for those that need none, which must be valid all the same. */
async function withAnswer(prometheus: Prometheus, expressions: readonly string[], optional: readonly string[]) {
  let open = expressions;
  await eventually(
    async () => {
      const answers = await Promise.all(
        open.map(async (expression) => {
          const found = await prometheus.query(expression);
          const has = found.some(({ values }) => values.some(([, value]) => Number.isFinite(value)));
          return has || optional.includes(expression) ? [] : [expression];
        }),
      );
      open = answers.flat();
      return open;
    },
    (left) => left.length === 0,
    PATIENCE_MS,
  );
}
