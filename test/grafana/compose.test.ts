// The stack of docker-compose.yml fits together: what it mounts exists, and names, ports and data sources agree.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { test } from 'node:test';
import { parseServiceFlags } from '../../demo/flags.js';
import { uidOf } from '../../grafana/dashboards/links.js';
import { METRIC_SETS } from '../../grafana/sets.js';
import { METRICS } from '../../src/metric-names.js';
import { resolveOptions } from '../../src/options.js';
import { renderExemplar } from '../../src/prometheus/exemplars.js';
import { prometheusName } from '../../src/prometheus/naming.js';
import { requireTool } from '../support/external-tools.js';
import { root } from '../support/instrumented.js';
import { madeSpan } from '../support/read-exemplars.js';
import {
  callsIn,
  type Datasource,
  filesBelow,
  mountedAt,
  mounts,
  readYaml,
  replicas,
  services,
} from './compose-files.js';
import { type Dashboard, type DatasourceReference, selectorsOf } from './dashboard.js';

const PROVISIONING = 'grafana/provisioning';
const PROMETHEUS_FILE = `${PROVISIONING}/prometheus.yml`;
const TEMPO_FILE = `${PROVISIONING}/tempo.yml`;
const GRAFANA_PORT = 3000;
const PROMETHEUS_PORT = 9090;
const ALERTMANAGER_PORT = 9093;

interface TempoConfiguration {
  readonly server: { readonly http_listen_port: number };
  readonly distributor: { readonly receivers: { readonly otlp: { readonly protocols: Receivers } } };
}
type Receivers = Readonly<Record<string, { readonly endpoint: string }>>;

interface PrometheusConfiguration {
  readonly global: { readonly scrape_interval: string };
  readonly alerting: {
    readonly alertmanagers: readonly { readonly static_configs: readonly { readonly targets: readonly string[] }[] }[];
  };
  readonly scrape_configs: readonly {
    readonly job_name: string;
    readonly static_configs: readonly { readonly targets: readonly string[] }[];
  }[];
}

const { datasources } = readYaml<{ readonly datasources: readonly Datasource[] }>(
  `${PROVISIONING}/datasources/loopsight.yml`,
);
const prometheus = readYaml<PrometheusConfiguration>(PROMETHEUS_FILE);
const tempo = readYaml<TempoConfiguration>(TEMPO_FILE);
const [scrape] = prometheus.scrape_configs;

const dashboards = filesBelow('grafana/dashboards/loopsight', '.json').map(
  (path) => JSON.parse(readFileSync(join(root, path), 'utf8')) as Dashboard,
);

/** What listens where, by what the files say. */
const listening = new Set([
  ...replicas.map(([name, { environment }]) => `${name}:${environment?.OTEL_EXPORTER_PROMETHEUS_PORT}`),
  `tempo:${tempo.server.http_listen_port}`,
  ...Object.values(tempo.distributor.receivers.otlp.protocols).map(({ endpoint }) => `tempo:${portOf(endpoint)}`),
  `prometheus:${PROMETHEUS_PORT}`,
  `alertmanager:${ALERTMANAGER_PORT}`,
  `grafana:${GRAFANA_PORT}`,
]);

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}

test('every file parses, and no key is there twice', () => {
  const files = ['docker-compose.yml', ...filesBelow('grafana', '.yml')];
  assert.ok(files.length >= 8, `${files}`);
  for (const path of files) assert.doesNotThrow(() => readYaml(path), path);
});

test('Compose accepts the file', (t) => {
  if (!requireTool(t, 'docker-compose', 'docker-compose')) return;
  const { status, stderr } = spawnSync('docker-compose', ['config', '--quiet'], { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

test('what is mounted exists, cannot be written to, and is all that there is', () => {
  for (const { source, mode } of mounts) {
    assert.ok(existsSync(join(root, source)), source);
    assert.equal(mode, 'ro', source);
  }
  const sources = mounts.map(({ source }) => normalize(source));
  for (const path of filesBelow(PROVISIONING, '.yml')) {
    assert.ok(
      sources.some((source) => path === source || path.startsWith(`${source}/`)),
      `${path} is mounted nowhere`,
    );
  }
});

test('commands name files at the places where they are mounted', () => {
  for (const [name, { command = [] }] of Object.entries(services)) {
    for (const [, path = ''] of command.join(' ').matchAll(/config\.file=(\S+)/g)) {
      assert.ok(mountedAt(name, path) !== undefined, `${name} has nothing at ${path}`);
    }
  }
  assert.ok(services.prometheus?.command?.includes('--enable-feature=exemplar-storage'));
});

test('every service that another one calls is there, and listens on that port', () => {
  const files = ['docker-compose.yml', ...filesBelow(PROVISIONING, '.yml')];
  const calls = files.flatMap((path) => callsIn(path).map((call) => ({ path, call })));
  assert.ok(calls.length >= 7, JSON.stringify(calls));
  for (const { path, call } of calls) {
    const [name = ''] = call.split(':');
    assert.ok(name in services, `${path}: there is no service ${name}`);
    assert.ok(listening.has(call), `${path}: nothing listens on ${call}`);
  }
  for (const [name, { depends_on = [] }] of Object.entries(services)) {
    const needed = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
    for (const other of needed) assert.ok(other in services, `${name} depends on ${other}`);
  }
});

test('ports are published to this machine alone, and images have exact versions', () => {
  const published = Object.values(services).flatMap(({ ports = [] }) => ports);
  assert.deepEqual(published.toSorted(), ['127.0.0.1:3000:3000', '127.0.0.1:9090:9090', '127.0.0.1:9093:9093']);
  for (const [name, { image = '', build }] of Object.entries(services)) {
    if (build === undefined) assert.match(image, /:v?\d+\.\d+\.\d+$/, name);
  }
});

test('two replicas of one version and one of the next run with flags that the demo takes', () => {
  const versions = replicas.map(([name, { command = [], environment = {} }]) => {
    const { version } = parseServiceFlags(command);
    const options = resolveOptions({}, environment);
    assert.equal(options?.serviceVersion, `${version}.0.0`, name);
    assert.equal(options?.host, '0.0.0.0', name);
    assert.equal(options?.resourceAttributes['service.instance.id'], name);
    assert.equal(options?.serviceName, scrape?.job_name, name);
    return version;
  });
  assert.deepEqual(versions, [1, 1, 2]);
});

test('every replica is scraped, where it says that its metrics are', () => {
  const targets = scrape?.static_configs.flatMap((entry) => entry.targets);
  const expected = replicas.map(([name, { environment }]) => `${name}:${environment?.OTEL_EXPORTER_PROMETHEUS_PORT}`);
  assert.deepEqual(targets, expected);
});

test('every rule is mounted, and every alert goes to the Alertmanager that is there', () => {
  const rules = filesBelow('grafana/rules', '.yml');
  assert.deepEqual(rules.toSorted(), ['grafana/rules/loopsight.alerts.yml', 'grafana/rules/loopsight.rules.yml']);
  for (const path of rules) {
    assert.ok(
      mounts.some(({ service, source }) => service === 'prometheus' && normalize(source) === path),
      path,
    );
  }
  const [alertmanager] = prometheus.alerting.alertmanagers.flatMap(({ static_configs }) => static_configs);
  assert.deepEqual(alertmanager?.targets, [`alertmanager:${ALERTMANAGER_PORT}`]);
});

test('alerts link to the Grafana that is published, and to dashboards that it has', () => {
  const file = mountedAt('prometheus', '/etc/prometheus/rules/loopsight.alerts.yml') ?? '';
  const { groups } = readYaml<{
    readonly groups: readonly {
      readonly rules: readonly { readonly annotations: Readonly<Record<string, string>> }[];
    }[];
  }>(file);
  const links = groups.flatMap(({ rules }) => rules.map(({ annotations }) => annotations.dashboard_url ?? ''));
  assert.ok(links.length >= 20, `${links.length}`);
  for (const link of links) {
    const [, address, uid] = /^(http:\/\/[\d.:]+)\/d\/([\w-]+)\?/.exec(link) ?? [];
    assert.deepEqual(services.grafana?.ports, [`${address?.slice('http://'.length)}:${GRAFANA_PORT}`], link);
    assert.ok(
      dashboards.some((dashboard) => dashboard.uid === uid),
      link,
    );
  }
});

test('health is asked for where the service listens', () => {
  const script = readFileSync(join(root, 'demo/container.sh'), 'utf8');
  const port = script.match(/MAYHEM_PORT:-(\d+)/)?.[1];
  for (const [name, { healthcheck }] of Object.entries(services)) {
    assert.ok(healthcheck !== undefined, `${name} has no health check`);
    const asked = healthcheck.test.join(' ').match(/http:\/\/127\.0\.0\.1:(\d+)/)?.[1] ?? '';
    if (replicas.some(([replica]) => replica === name)) assert.equal(asked, port, name);
    else assert.ok(listening.has(`${name}:${asked}`), `${name} does not listen on ${asked}`);
  }
});

test('Grafana opens on the overview, and shows every dashboard', () => {
  const provider = readYaml<{ readonly providers: readonly { readonly options: { readonly path: string } }[] }>(
    `${PROVISIONING}/dashboards/loopsight.yml`,
  );
  const folder = provider.providers[0]?.options.path ?? '';
  const source = mountedAt('grafana', folder) ?? '';
  assert.equal(normalize(source), 'grafana/dashboards/loopsight');
  const home = services.grafana?.environment?.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH ?? '';
  assert.ok(home.startsWith(`${folder}/`), home);
  const dashboard = JSON.parse(readFileSync(join(root, source, home.slice(folder.length)), 'utf8')) as Dashboard;
  assert.equal(dashboard.uid, uidOf('overview', METRIC_SETS.loopsight));
  for (const kind of ['datasources', 'dashboards']) {
    assert.equal(mountedAt('grafana', `/etc/grafana/provisioning/${kind}`), `./${PROVISIONING}/${kind}`);
  }
});

test('the data sources of the dashboards are provisioned', () => {
  const types = new Map(datasources.map(({ uid, type }) => [uid, type]));
  const chosen = datasources.filter(({ isDefault }) => isDefault === true);
  assert.deepEqual(
    chosen.map(({ type }) => type),
    ['prometheus'],
  );
  for (const dashboard of dashboards) {
    const variables = dashboard.templating.list.filter(({ type }) => type === 'datasource');
    const references: DatasourceReference[] = [];
    // Whatever has a data source, however deep.
    JSON.stringify(dashboard, (key, value) => {
      if (key === 'datasource' && typeof value === 'object' && value !== null) references.push(value);
      return value;
    });
    assert.ok(references.length > 0, dashboard.title);
    for (const { uid, type } of references) {
      const variable = variables.find(({ name }) => uid === `$${name}` || uid === `\${${name}}`);
      if (variable === undefined) assert.equal(types.get(uid), type, `${dashboard.title}: ${uid}`);
      else assert.equal(variable.query, type, `${dashboard.title}: ${uid}`);
    }
  }
});

test('Grafana shows the rules of Prometheus, and the alerts and silences of Alertmanager', () => {
  const [alertmanager] = datasources.filter(({ type }) => type === 'alertmanager');
  const [metrics] = datasources.filter(({ type }) => type === 'prometheus');
  assert.equal(alertmanager?.url, `http://alertmanager:${ALERTMANAGER_PORT}`);
  assert.equal(alertmanager?.jsonData.implementation, 'prometheus');
  assert.equal(metrics?.jsonData.manageAlerts, true);
  assert.equal(metrics?.jsonData.alertmanagerUid, alertmanager?.uid);
});

test('metrics and traces link to each other, by names that exist', () => {
  const byType = (type: string) => datasources.find((datasource) => datasource.type === type);
  const metrics = byType('prometheus');
  const traces = byType('tempo');
  const [destination] = metrics?.jsonData.exemplarTraceIdDestinations ?? [];
  assert.equal(destination?.datasourceUid, traces?.uid);
  const { traceId, spanId } = madeSpan(1);
  const exemplar = renderExemplar({ series: 1, bucket: 0, value: 1, unixMs: 1, traceId, spanId }, 'underscores');
  assert.ok(exemplar.includes(`${destination?.name}="${traceId}"`), exemplar);
  assert.equal(traces?.jsonData.serviceMap?.datasourceUid, metrics?.uid);
  const { tracesToMetrics } = traces?.jsonData ?? {};
  assert.equal(tracesToMetrics?.datasourceUid, metrics?.uid);
  // A range that is shorter than the interval of the scrapes would be empty.
  assert.equal(metrics?.jsonData.timeInterval, prometheus.global.scrape_interval);

  const known = new Set(
    Object.values(METRICS).flatMap((metric) =>
      (metric.kind === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map((end) => prometheusName(metric) + end),
    ),
  );
  assert.deepEqual(
    tracesToMetrics?.tags.map(({ value }) => value),
    ['job', 'service_version'],
  );
  for (const { name, query } of tracesToMetrics?.queries ?? []) {
    // Grafana expands variables of the environment in this file, and makes one dollar sign of two.
    assert.match(query, /\{\$\$__tags/, name);
    for (const selector of selectorsOf(query)) assert.ok(known.has(selector.name), `${name}: ${selector.name}`);
  }
});
