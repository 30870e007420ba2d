// Rules, alerts and Alertmanager's configuration as files.
import { alertmanagerConfiguration } from '../alerts/alertmanager.js';
import { alertGroups } from '../alerts/alerts.js';
import type { MetricSet } from '../sets.js';
import { type RuleOptions, resolveRuleOptions } from './options.js';
import { createExpressions } from './promql.js';
import { recordingGroups } from './recording.js';
import type { RuleGroup } from './rule.js';
import { renderYaml, type YamlMapping } from './yaml.js';

/** Recording rules and alerts of one set. */
export interface RuleGroups {
  readonly recording: readonly RuleGroup[];
  readonly alerts: readonly RuleGroup[];
}

/**
 * The rules of a set with `given` options. Throws a TypeError that quotes the option, its bound and its value.
 *
 * @example
 * createRuleGroups(METRIC_SETS.loopsight, { sloObjective: 0.999, labels: ['namespace'] });
 */
export function createRuleGroups(set: MetricSet, given: Partial<RuleOptions> = {}): RuleGroups {
  const e = createExpressions(set, resolveRuleOptions(given));
  return { recording: recordingGroups(e), alerts: alertGroups(e) };
}

/** The files of a set, by name: recording rules, alerts, and the routes and inhibit rules for Alertmanager. */
export function renderRuleFiles(set: MetricSet, given: Partial<RuleOptions> = {}): ReadonlyMap<string, string> {
  const { recording, alerts } = createRuleGroups(set, given);
  return new Map([
    [
      `${set.id}.rules.yml`,
      renderGroups(recording, [`Recording rules for ${set.title}. Alerts and dashboards read them.`]),
    ],
    [`${set.id}.alerts.yml`, renderGroups(alerts, ALERTS_COMMENT(set.title))],
    ['alertmanager.yml', renderYaml(alertmanagerConfiguration(resolveRuleOptions(given)), ALERTMANAGER_COMMENT)],
  ]);
}

/** A file of rules as Prometheus loads it. */
export function renderGroups(groups: readonly RuleGroup[], comment: readonly string[] = []): string {
  return renderYaml({ groups: groups as unknown as readonly YamlMapping[] }, comment);
}

const ALERTS_COMMENT = (title: string) => [`Alerts for ${title}; they need the recording rules beside this file.`];

export const ALERTMANAGER_COMMENT = [
  "Merge routes, inhibit_rules and receivers into Alertmanager's configuration, and give the receivers what notifies you.",
  'The routes stand above others that would take the same alerts.',
];
