// Every alert, and what Prometheus gets of it.
import { renderDuration } from '../rules/durations.js';
import type { Expressions } from '../rules/promql.js';
import type { AlertingRule, RuleGroup } from '../rules/rule.js';
import type { Alert } from './alert.js';
import { LOOP_ALERTS } from './loop.js';
import { PAGED_ALERTS } from './paged.js';
import { panelUrl } from './panels.js';
import { PROCESS_ALERTS } from './process.js';
import { QUEUE_ALERTS } from './queues.js';
import { REGRESSION_ALERTS } from './regression.js';
import { SERVICE_LEVEL_ALERTS } from './service-level.js';
import { TELEMETRY_ALERTS } from './telemetry.js';

/** Families of alerts; each is a group of rules. */
const FAMILIES: Readonly<Record<string, readonly Alert[]>> = {
  loop: LOOP_ALERTS,
  process: PROCESS_ALERTS,
  queues: QUEUE_ALERTS,
  telemetry: TELEMETRY_ALERTS,
  'service-level': SERVICE_LEVEL_ALERTS,
  regression: REGRESSION_ALERTS,
  // Reads what the others fire.
  paged: PAGED_ALERTS,
};

/** Every alert, in the order of the docs. */
export const ALERTS: readonly Alert[] = Object.values(FAMILIES).flat();

/** The groups of alerts of a set. Throws a TypeError where an option names an alert that does not exist. */
export function alertGroups(e: Expressions): readonly RuleGroup[] {
  const { forS, without, intervalS } = e.options;
  for (const [option, names] of Object.entries({ forS: Object.keys(forS), without })) {
    const unknown = names.find((name) => ALERTS.every((alert) => alert.name !== name));
    if (unknown !== undefined) {
      const known = ALERTS.map(({ name }) => name).join(', ');
      throw new TypeError(`Expected \`${option}\` to name alerts, which are ${known}, got "${unknown}"`);
    }
  }
  const interval = intervalS === undefined ? {} : { interval: renderDuration(intervalS) };
  return Object.entries(FAMILIES).flatMap(([family, alerts]) => {
    const rules = alerts.filter((alert) => isOn(alert, e)).map((alert) => ruleOf(alert, e));
    return rules.length === 0 ? [] : [{ name: `loopsight-alerts-${family}`, ...interval, rules }];
  });
}

/** Whether there is this alert, in this set, with these options. */
export function isOn(alert: Alert, e: Expressions): boolean {
  const { name, needs, isOff } = alert;
  return needs.every((metric) => e.set.has(metric)) && isOff?.(e) !== true && !e.options.without.includes(name);
}

function ruleOf(alert: Alert, e: Expressions): AlertingRule {
  const forS = e.options.forS[alert.name] ?? alert.forS;
  return {
    alert: alert.name,
    expr: alert.expr(e),
    ...(forS === 0 ? {} : { for: e.duration(forS) }),
    ...(alert.keepFiringS === 0 ? {} : { keep_firing_for: e.duration(alert.keepFiringS) }),
    labels: { severity: alert.severity },
    annotations: {
      summary: alert.summary(e),
      description: alert.description,
      ...runbookOf(alert, e.options.runbookUrl),
      dashboard_url: panelUrl(e.set, e.options.grafanaUrl, alert.panel),
    },
  };
}

/** Where the runbook is served; else where it is in the package. */
function runbookOf({ runbook }: Alert, url: string): Readonly<Record<string, string>> {
  return url === '' ? { runbook: `docs/runbooks/${runbook}.md` } : { runbook_url: `${url}/${runbook}.md` };
}
