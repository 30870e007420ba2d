// The objects for Kubernetes: rules and targets for the Prometheus Operator, dashboards for Grafana's sidecar.
import type { RuleOptions } from '../rules/options.js';
import { createRuleGroups } from '../rules/render.js';
import type { RuleGroup } from '../rules/rule.js';
import { renderYaml, type YamlMapping } from '../rules/yaml.js';
import { METRIC_SETS, type MetricSet } from '../sets.js';

/** A ConfigMap holds at most a mebibyte. */
export const CONFIG_MAP_LIMIT_BYTES = 1024 * 1024;

/** The label that Grafana's sidecar looks for, as the community's Helm chart sets it up. */
export const DASHBOARD_LABEL = 'grafana_dashboard';

/** What objects are called, and where they live. */
export interface ObjectOptions {
  /** @default the namespace that they are applied in */
  readonly namespace?: string;
  /** Labels that the operator and the sidecar select by. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
}

const NAME = 'app.kubernetes.io/name';

/** Recording rules and alerts as one `PrometheusRule`. Throws as `createRuleGroups` does. */
export function prometheusRule(
  set: MetricSet,
  given: Partial<RuleOptions> = {},
  options: ObjectOptions = {},
): YamlMapping {
  const { recording, alerts } = createRuleGroups(set, given);
  const groups: readonly RuleGroup[] = [...recording, ...alerts];
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: metadata(prefixOf(set), options),
    spec: { groups: groups as unknown as readonly YamlMapping[] },
  };
}

/** A `ServiceMonitor` for the Service of an application whose port `metrics` Loopsight serves. */
export function serviceMonitor(application: string, options: ObjectOptions = {}): YamlMapping {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: metadata(application, options),
    spec: {
      selector: { matchLabels: { [NAME]: application } },
      // The job that dashboards and rules know; the default would be the name of the Service.
      jobLabel: NAME,
      endpoints: [
        {
          port: 'metrics',
          path: '/metrics',
          interval: '15s',
          // One instance is one pod, whichever address it has.
          relabelings: [{ sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'instance' }],
        },
      ],
    },
  };
}

/**
 * A dashboard as a ConfigMap that Grafana's sidecar loads. Throws a TypeError where it is no JSON, or too large for a
 * ConfigMap.
 */
export function dashboardConfigMap(
  name: string,
  json: string,
  options: ObjectOptions = {},
  set: MetricSet = METRIC_SETS.loopsight,
): YamlMapping {
  // Without white space: it counts towards the limit.
  const compact = JSON.stringify(parsed(name, json));
  const bytes = Buffer.byteLength(compact);
  if (bytes > CONFIG_MAP_LIMIT_BYTES) {
    throw new TypeError(`Expected dashboard "${name}" to have at most ${CONFIG_MAP_LIMIT_BYTES} bytes, got ${bytes}`);
  }
  const { labels, ...rest } = metadata(`${prefixOf(set)}-dashboard-${name}`, options);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...rest, labels: { ...labels, [DASHBOARD_LABEL]: '1' }, annotations: { grafana_folder: 'Loopsight' } },
    // The sidecar writes all of them to one folder.
    data: { [`${prefixOf(set)}-${name}.json`]: compact },
  };
}

/** Every object of a set as files, by path, with a kustomization that lists them. `dashboards` are JSON texts by name. */
export function kubernetesFiles(
  set: MetricSet,
  given: Partial<RuleOptions>,
  dashboards: ReadonlyMap<string, string>,
  options: ObjectOptions = {},
): ReadonlyMap<string, string> {
  const objects = new Map<string, string>([
    ['prometheus-rule.yml', renderYaml(prometheusRule(set, given, options), RULE_COMMENT)],
    ...[...dashboards].map(
      ([name, json]) => [`dashboard-${name}.yml`, renderYaml(dashboardConfigMap(name, json, options, set))] as const,
    ),
  ]);
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...objects.keys()],
  };
  return new Map([...objects, ['kustomization.yml', renderYaml(kustomization, KUSTOMIZATION_COMMENT)]]);
}

/** The kustomization of this repository, which makes the ConfigMaps of the committed dashboards itself. */
export function repositoryKustomization(set: MetricSet, dashboards: readonly string[]): string {
  return renderYaml(
    {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['kubernetes/prometheus-rule.yml'],
      configMapGenerator: dashboards.map((name) => ({
        name: `loopsight-dashboard-${name}`,
        files: [`loopsight-${name}.json=dashboards/${set.id}/${name}.json`],
        options: { labels: { [DASHBOARD_LABEL]: '1' }, annotations: { grafana_folder: 'Loopsight' } },
      })),
      generatorOptions: { disableNameSuffixHash: true },
    },
    KUSTOMIZATION_COMMENT,
  );
}

export const RULE_COMMENT = [
  'For a Prometheus that the Prometheus Operator runs (0.66 or later, which knows keep_firing_for). Its ruleSelector must',
  'match the labels here: look at `kubectl get prometheus --all-namespaces --output yaml`.',
];

export const SERVICE_MONITOR_COMMENT = [
  'In the place of pod-monitor.yml, where a Service has the port. Its labels must be what the serviceMonitorSelector of',
  'Prometheus matches. Both together would scrape each pod twice.',
];

const KUSTOMIZATION_COMMENT = [
  'Rules and dashboards: `kubectl apply --server-side --kustomize .` (without --server-side kubectl wants to keep a copy of',
  'each object in an annotation, which dashboards are too large for).',
];

/** Objects of several sets can live in one namespace. */
function prefixOf({ id }: MetricSet): string {
  return id === METRIC_SETS.loopsight.id ? id : `loopsight-${id}`;
}

function metadata(name: string, { namespace, labels = {} }: ObjectOptions) {
  return { name, ...(namespace === undefined ? {} : { namespace }), labels: { [NAME]: name, ...labels } };
}

function parsed(name: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new TypeError(`Expected dashboard "${name}" to be JSON, got ${json.length} characters that are none`);
  }
}
