// docs/alerts.md: every alert, every recording rule and every option.
import type { Alert } from '../alerts/alert.js';
import { ALERTS } from '../alerts/alerts.js';
import { METRIC_SETS } from '../sets.js';
import { renderDuration } from './durations.js';
import { RULE_OPTIONS, resolveRuleOptions } from './options.js';
import { createExpressions } from './promql.js';
import { recordingGroups } from './recording.js';

/** The page. */
export function describeAlerts(): string {
  return `# Alerts and recording rules

Alerts for the person on call, and the recording rules that they and the dashboards read. This page is generated from
\`grafana/rules\` and \`grafana/alerts\` by \`npm run rules\`.

## Load them

**Into Prometheus** 2.42 or later:

\`\`\`sh
npx loopsight rules export /etc/prometheus/loopsight --alertmanager
promtool check rules /etc/prometheus/loopsight/*.rules.yml /etc/prometheus/loopsight/*.alerts.yml
\`\`\`

\`\`\`yaml
# /etc/prometheus/prometheus.yml
rule_files:
  - loopsight/*.rules.yml
  - loopsight/*.alerts.yml
\`\`\`

Metrics that come through OpenTelemetry's exporter or OTLP have other names, or the version elsewhere: add
\`--set opentelemetry-exporter\` or \`--set otlp\` ([which set?](dashboards.md#which-set)). Where several sets are in one
Prometheus, give each the \`--matchers\` of its own jobs, so that none is told of twice.

**Into Alertmanager:** merge the routes, inhibit rules and receivers of \`alertmanager.yml\` into its configuration, and give
the receivers \`loopsight-pages\` and \`loopsight-tickets\` what notifies you. Without them everything works, but
[one block](#one-block-one-notification) may send several notifications.

**On Kubernetes**, with the Prometheus Operator and Grafana's sidecar:

\`\`\`sh
npx loopsight rules export loopsight/ --kubernetes --namespace monitoring --object-label release=prometheus
kubectl apply --server-side --kustomize loopsight/
\`\`\`

The label is what your Prometheus selects rules by: see \`kubectl get prometheus --all-namespaces --output yaml\`. Rules tell
services of one name apart by their \`namespace\`; \`--labels\` names other labels. Dashboards are among the objects.

Evaluate rules every 15 to 60 s. \`docker compose up\` has all of this ([stack.md](stack.md)); it mounts
\`grafana/rules/*.yml\` and \`grafana/alerts/alertmanager.yml\`, which are these files with a service level
and links to the Grafana beside them.

## Change a threshold, a waiting time, a link

Every [option](#options) is one of the command, in kebab case:

\`\`\`sh
npx loopsight rules export rules/ --starved-lag-s 1 --utilization 0.95    # thresholds
npx loopsight rules export rules/ --for-s LoopsightStarved=180            # how long before it fires, in seconds
npx loopsight rules export rules/ --without LoopsightSpinning             # not this alert
npx loopsight rules export rules/ --jobs checkout,cart                    # these must report, from the start
npx loopsight rules export rules/ --matchers 'job!~"batch-.*"'            # not these jobs
npx loopsight rules export rules/ --grafana-url https://grafana.example.com --runbook-url https://wiki.example.com/loopsight
\`\`\`

The same options give the same files: commit the command, or what it writes. A job that serves HTTP but hardly any requests
(\`minimumRequestsPerHour\`) has no alerts of lag, blocking, stalls and service level.

## Promise a service level

\`\`\`sh
npx loopsight slo suggest --prometheus http://prometheus:9090 --job checkout
npx loopsight rules export rules/ --slo-objective 0.999 --slo-bound-s 0.1
\`\`\`

The first looks at the last four weeks and proposes a bound that would have held with room to spare
([commands.md](commands.md#which-service-level-can-i-promise)). The objective and bound are those of every job in the file;
for another one export again with \`--matchers\` into another folder. [How it pages](#service-level) is below, and the
dashboard *Service level* shows what is left.

## An alert fired

Its annotation \`summary\` says what happens, with values; \`dashboard_url\` leads to the panel; the runbook (\`runbook\`, its
path in the package, or \`runbook_url\`) says what it means, how to confirm it, the usual causes and the fix. Its queries have
the names of Loopsight's own endpoint; OpenTelemetry's exporter leaves the units out of them.

A process that hangs is still \`up\`: Loopsight's observer answers while the main thread is blocked. What tells of it is
\`LoopsightBlocked\`.

## Alerts

A **page** wakes somebody, a **ticket** waits for the morning. Labels of every alert are \`job\` and what it is about.

${table(
  ['alert', 'severity', 'for', 'what to do first', 'runbook'],
  ALERTS.filter(({ severity }) => severity !== 'none').map((alert) => [
    `\`${alert.name}\``,
    alert.severity,
    alert.forS === 0 ? 'at once' : renderDuration(alert.forS),
    alert.description,
    `[${alert.runbook}](runbooks/${alert.runbook}.md)`,
  ]),
)}

${METRICS_NOT_EVERYWHERE}

## One block, one notification

- All alerts of a job are one group. A page is sent after 15 s, a ticket after three minutes: until then the page of the
  same block has come, and while it fires, and for \`quietS\` after, the job's tickets are held back (\`LoopsightPaged\`
  notifies nobody and remembers the page).
- Of two pages about one block the first is sent: \`LoopsightBlockedLong\` holds back \`LoopsightStarved\`, and both hold
  back \`LoopsightBudgetBurnsFast\`.
- Without these routes leave \`LoopsightPaged\` out (\`without\`), or it notifies somebody.
- \`labels\` are in \`group_by\` and in \`equal\` of every inhibit rule as well. An \`AlertmanagerConfig\` of the Prometheus
  Operator adds its own namespace to both; put the rules into Alertmanager's main configuration instead.
- Windows are shorter than waiting times, so that a single block makes none of the tickets fire that are about something
  that lasts.

## Service level

Off, unless \`sloObjective\` is given. A moment is good while its lag is at most \`sloBoundS\`; moments are the probes of all
main threads of a job. It pages when the budget of 30 days goes 14.4 times too fast over an hour (and 5 minutes) or 6 times
over 6 hours (and 30 minutes), and is a ticket at 3 times over a day (and 2 hours) and once over 3 days (and 6 hours).
The bound must be that of a bucket, and one that Prometheus 2 and 3 write alike; \`loopsight slo suggest\` proposes one.

## Recording rules

${table(
  ['record', 'of'],
  recordingGroups(createExpressions(METRIC_SETS.loopsight, resolveRuleOptions({ sloObjective: 0.999 }))).flatMap(
    ({ name, rules }) => rules.map((rule) => [`\`${'record' in rule ? rule.record : ''}\``, `\`${name}\``]),
  ),
)}

\`job_version:loopsight_first_seen:timestamp_seconds\` is when the present run of a version began. It stays through outages
of Prometheus up to \`rememberS\`, and changes when a version comes back after others ran without it: a rollback is a deploy.

## Options

Of \`createRuleGroups(set, options)\` and, in kebab case, of \`loopsight rules export\`. A value that is not allowed is one
sentence that quotes option, bound and value (a \`TypeError\`), as is an option or an alert that does not exist, and a
\`blockedS\` that is not below \`blockedPageS\`.

${table(
  ['option', 'unit', 'allowed', 'default', 'meaning'],
  Object.entries(RULE_OPTIONS).map(([name, { unit, kind, default: initial, meaning }]) => [
    `\`${name}\``,
    unit === '' ? '' : `\`${unit}\``,
    kind.allowed,
    shown(initial),
    meaning,
  ]),
)}
`;
}

const METRICS_NOT_EVERYWHERE = `${without(METRIC_SETS['opentelemetry-exporter'])} need what only Loopsight's own endpoint
tells; with an OpenTelemetry SDK a blocked process does not answer scrapes, and \`LoopsightTargetDown\` is what is left. Those
of connection pools, libuv's thread pool and locks wait for metrics of later versions, and are silent without them.`;

function without(set: (typeof METRIC_SETS)[keyof typeof METRIC_SETS]): string {
  const missing = ALERTS.filter((alert: Alert) => !alert.needs.every((metric) => set.has(metric)));
  const names = missing.map(({ name }) => `\`${name}\``);
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function shown(value: unknown): string {
  if (value === undefined || value === '') return 'none';
  return `\`${typeof value === 'object' ? JSON.stringify(value) : value}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [head, head.map(() => '---'), ...rows].map(line).join('\n');
}
