// What of the rules is committed: the files that docker-compose.yml mounts, and those for Kubernetes.
import { alertmanagerConfiguration } from '../alerts/alertmanager.js';
import {
  prometheusRule,
  RULE_COMMENT,
  repositoryKustomization,
  SERVICE_MONITOR_COMMENT,
  serviceMonitor,
} from '../kubernetes/objects.js';
import { METRIC_SETS } from '../sets.js';
import { describeAlerts } from './describe.js';
import { type RuleOptions, resolveRuleOptions } from './options.js';
import { ALERTMANAGER_COMMENT, renderRuleFiles } from './render.js';
import { renderYaml } from './yaml.js';

/** The demo has a service level, and a Grafana beside it. */
const COMPOSE: Partial<RuleOptions> = { sloObjective: 0.999, grafanaUrl: 'http://127.0.0.1:3000' };
/** In a cluster, services of one name are told apart by their namespace. */
const KUBERNETES: Partial<RuleOptions> = { labels: ['namespace'] };

/** The files by path in the repository; `dashboards` are the names of the committed ones of Loopsight's own set. */
export function committedFiles(dashboards: readonly string[]): ReadonlyMap<string, string> {
  const set = METRIC_SETS.loopsight;
  const rules = renderRuleFiles(set, COMPOSE);
  return new Map([
    ...[...rules]
      .filter(([name]) => name.startsWith(set.id))
      .map(([name, text]) => [`grafana/rules/${name}`, text] as const),
    [
      'grafana/alerts/alertmanager.yml',
      renderYaml(alertmanagerConfiguration(resolveRuleOptions(COMPOSE)), ALERTMANAGER_COMMENT),
    ],
    ['grafana/kubernetes/prometheus-rule.yml', renderYaml(prometheusRule(set, KUBERNETES), RULE_COMMENT)],
    ['grafana/kubernetes/service-monitor.yml', renderYaml(serviceMonitor('checkout'), SERVICE_MONITOR_COMMENT)],
    ['grafana/kustomization.yml', repositoryKustomization(set, dashboards)],
    ['docs/alerts.md', describeAlerts()],
  ]);
}
