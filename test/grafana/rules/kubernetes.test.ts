// The objects for Kubernetes: they parse, fit together with the snippets, and hold what they should.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import {
  CONFIG_MAP_LIMIT_BYTES,
  DASHBOARD_LABEL,
  dashboardConfigMap,
  kubernetesFiles,
  prometheusRule,
} from '../../../grafana/kubernetes/objects.js';
import { createRuleGroups } from '../../../grafana/rules/render.js';
import { renderYaml, type YamlMapping } from '../../../grafana/rules/yaml.js';
import { METRIC_SETS } from '../../../grafana/sets.js';
import { requireTool } from '../../support/external-tools.js';
import { root } from '../../support/run-node.js';
import { readYaml } from '../compose-files.js';

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}
interface Rule extends KubernetesObject {
  readonly spec: { readonly groups: readonly { readonly name: string; readonly rules: readonly object[] }[] };
}
interface ServiceMonitor extends KubernetesObject {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly jobLabel: string;
    readonly endpoints: readonly { readonly port: string; readonly path: string }[];
  };
}

const set = METRIC_SETS.loopsight;
const folder = join(root, 'grafana/dashboards', set.id);
const dashboards = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => [file.replace('.json', ''), readFileSync(join(folder, file), 'utf8')]),
);

/** What the operator's definition of PrometheusRule allows in a rule, and how it wants durations and names of labels. */
const RULE_FIELDS = ['alert', 'record', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];
const DURATION = /^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$/;
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

test('the PrometheusRule holds every rule, in the form that the operator takes', () => {
  const rule = readYaml<Rule>('grafana/kubernetes/prometheus-rule.yml');
  assert.equal(`${rule.apiVersion} ${rule.kind}`, 'monitoring.coreos.com/v1 PrometheusRule');
  assert.match(rule.metadata.name, NAME);
  const { recording, alerts } = createRuleGroups(set, { labels: ['namespace'] });
  assert.deepEqual(rule.spec.groups, JSON.parse(JSON.stringify([...recording, ...alerts])));
  const names = rule.spec.groups.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, 'each group has a name of its own');
  for (const each of rule.spec.groups.flatMap(({ rules }) => rules)) {
    for (const [field, value] of Object.entries(each)) {
      assert.ok(RULE_FIELDS.includes(field), field);
      if (field === 'for' || field === 'keep_firing_for') assert.match(String(value), DURATION);
    }
  }
});

test('its groups are rules for Prometheus', (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  const { spec } = prometheusRule(set, { labels: ['namespace'] });
  const scratch = mkdtempSync(join(tmpdir(), 'loopsight-kubernetes-'));
  try {
    const file = join(scratch, 'rules.yml');
    writeFileSync(file, renderYaml(spec as YamlMapping));
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});

test('the ServiceMonitor scrapes what the PodMonitor scrapes', () => {
  const service = readYaml<ServiceMonitor>('grafana/kubernetes/service-monitor.yml');
  const pod = readYaml<
    KubernetesObject & { spec: { podMetricsEndpoints: object[]; selector: object; jobLabel: string } }
  >('grafana/kubernetes/pod-monitor.yml');
  assert.equal(`${service.apiVersion} ${service.kind}`, 'monitoring.coreos.com/v1 ServiceMonitor');
  assert.deepEqual(service.spec.selector, pod.spec.selector);
  assert.equal(service.spec.jobLabel, pod.spec.jobLabel);
  assert.deepEqual(service.spec.endpoints, pod.spec.podMetricsEndpoints);
});

test('dashboards are ConfigMaps that Grafana finds', () => {
  assert.ok(dashboards.size >= 6);
  for (const [name, json] of dashboards) {
    const text = renderYaml(dashboardConfigMap(name, json, { namespace: 'monitoring', labels: { team: 'web' } }));
    const map = parse(text) as KubernetesObject;
    assert.equal(map.kind, 'ConfigMap');
    assert.match(map.metadata.name, NAME);
    assert.equal(map.metadata.namespace, 'monitoring');
    assert.equal(map.metadata.labels?.[DASHBOARD_LABEL], '1');
    assert.equal(map.metadata.labels?.team, 'web');
    assert.deepEqual(JSON.parse(map.data?.[`loopsight-${name}.json`] ?? ''), JSON.parse(json));
  }
});

test('a dashboard that is none, or too large, is one sentence', () => {
  assert.throws(
    () => dashboardConfigMap('big', JSON.stringify('x'.repeat(CONFIG_MAP_LIMIT_BYTES))),
    new TypeError(`Expected dashboard "big" to have at most 1048576 bytes, got ${CONFIG_MAP_LIMIT_BYTES + 2}`),
  );
  assert.throws(
    () => dashboardConfigMap('page', '<html>'),
    new TypeError('Expected dashboard "page" to be JSON, got 6 characters that are none'),
  );
});

interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly { readonly name: string; readonly files: readonly string[] }[];
}

test('the kustomization of the repository lists rules and every dashboard', () => {
  const { resources, configMapGenerator } = readYaml<Kustomization>('grafana/kustomization.yml');
  for (const path of resources) assert.ok(existsSync(join(root, 'grafana', path)), path);
  const paths = configMapGenerator.flatMap(({ files }) => files.map((file) => file.slice(file.indexOf('=') + 1)));
  assert.deepEqual(
    paths.toSorted(),
    [...dashboards.keys()].map((name) => `dashboards/${set.id}/${name}.json`).toSorted(),
  );
});

test('kubectl builds it', () => {
  // It knows no --version, and Debian has it under several names: where it is missing, the test above has to do.
  if (spawnSync('kubectl', ['version', '--client']).status !== 0) return;
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', join(root, 'grafana')], {
    encoding: 'utf8',
    maxBuffer: 64e6,
  });
  assert.equal(status, 0, stderr);
  const objects = parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
  const built = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();
  const expected = [...dashboards.keys()].map((name) => `ConfigMap loopsight-dashboard-${name}`);
  assert.deepEqual(built, [...expected, 'PrometheusRule loopsight'].toSorted());
  for (const { kind, metadata, data } of objects) {
    if (kind !== 'ConfigMap') continue;
    assert.equal(metadata.labels?.[DASHBOARD_LABEL], '1');
    assert.equal(metadata.annotations?.grafana_folder, 'Loopsight');
    assert.ok(Buffer.byteLength(JSON.stringify(data)) < CONFIG_MAP_LIMIT_BYTES, metadata.name);
  }
});

test('what is exported has a kustomization that lists all of it', () => {
  const files = kubernetesFiles(set, { labels: ['namespace'] }, dashboards);
  const { resources } = parse(files.get('kustomization.yml') ?? '') as { resources: string[] };
  assert.deepEqual([...resources, 'kustomization.yml'], [...files.keys()]);
  for (const text of files.values()) assert.doesNotThrow(() => parse(text));
});
