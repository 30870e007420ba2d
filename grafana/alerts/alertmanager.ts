// Alertmanager's side: one notification for one block, whatever else it makes fire.
import { HOUR_S, MINUTE_S, renderDuration } from '../rules/durations.js';
import type { RuleOptions } from '../rules/options.js';
import type { YamlMapping } from '../rules/yaml.js';
import { PAGE_LABEL } from './paged.js';

/** What a block leaves behind longest: the shorter window of the service level's slower page is half an hour. */
const BURN = 'LoopsightBudgetBurnsFast';

/** Receivers of the configuration; the operator fills them in. */
export const RECEIVERS = { page: 'loopsight-pages', ticket: 'loopsight-tickets', none: 'loopsight-nobody' } as const;

/** What a page makes fire as well, while it lasts. */
const FOLLOWING_PAGES: Readonly<Record<string, readonly string[]>> = {
  LoopsightBlockedLong: ['LoopsightStarved', BURN],
  LoopsightStarved: [BURN],
};

/** What a block that is only a ticket makes fire as well. */
const FOLLOWING_TICKETS: Readonly<Record<string, readonly string[]>> = {
  LoopsightBlocked: ['LoopsightLagHigh', 'LoopsightStalls', 'LoopsightUtilizationHigh', 'LoopsightTelemetryOld'],
  LoopsightStalls: ['LoopsightLagHigh'],
};

/**
 * Routes: a page is sent nearly at once; a ticket waits for three minutes, in which the page of the same block comes and
 * keeps it quiet. All alerts of a job are one group, and so one notification.
 */
export function alertmanagerRoutes(options: RuleOptions): readonly YamlMapping[] {
  const duration = (seconds: number) => renderDuration(seconds / options.shorten);
  const ours = 'alertname =~ "Loopsight.+"';
  const route = (severity: keyof typeof RECEIVERS, times: Readonly<Record<string, number>>): YamlMapping => ({
    receiver: RECEIVERS[severity],
    matchers: [ours, `severity = "${severity}"`],
    group_by: ['job', ...options.labels],
    ...Object.fromEntries(Object.entries(times).map(([name, seconds]) => [name, duration(seconds)])),
  });
  return [
    route('page', { group_wait: 15, group_interval: 5 * MINUTE_S, repeat_interval: 4 * HOUR_S }),
    route('ticket', { group_wait: 3 * MINUTE_S, group_interval: 15 * MINUTE_S, repeat_interval: 24 * HOUR_S }),
    route('none', {}),
  ];
}

/** Inhibit rules; every one of them stays within a job. */
export function inhibitRules(options: RuleOptions): readonly YamlMapping[] {
  const equal = ['job', ...options.labels];
  const rule = (source: readonly string[], target: readonly string[]): YamlMapping => ({
    source_matchers: source,
    target_matchers: target,
    equal,
  });
  const named = (names: readonly string[]) => `alertname =~ "${names.join('|')}"`;
  const tickets = ['alertname =~ "Loopsight.+"', 'severity = "ticket"'];
  return [
    // While a page fires, and for a while after (LoopsightPaged), its job has no tickets.
    rule(['alertname =~ "Loopsight.+"', 'severity = "page"'], tickets),
    rule(['alertname = "LoopsightPaged"'], tickets),
    ...Object.entries(FOLLOWING_PAGES).map(([page, following]) => rule([`alertname = "${page}"`], [named(following)])),
    rule(
      ['alertname = "LoopsightPaged"', `${PAGE_LABEL} =~ "${Object.keys(FOLLOWING_PAGES).join('|')}"`],
      [named([BURN])],
    ),
    ...Object.entries(FOLLOWING_TICKETS).map(([ticket, following]) =>
      rule([`alertname = "${ticket}"`], [named(following)]),
    ),
  ];
}

/** A complete configuration whose receivers do nothing yet. */
export function alertmanagerConfiguration(options: RuleOptions): YamlMapping {
  return {
    route: { receiver: 'default', routes: alertmanagerRoutes(options) },
    inhibit_rules: inhibitRules(options),
    receivers: [{ name: 'default' }, ...Object.values(RECEIVERS).map((name) => ({ name }))],
  };
}
