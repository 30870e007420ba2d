// One block of a real loop makes several alerts fire and one notification: Prometheus' rules on a shortened clock, and
// Alertmanager with and without the inhibit rules.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { RECEIVERS } from '../../../grafana/alerts/alertmanager.js';
import type { RuleOptions } from '../../../grafana/rules/options.js';
import { renderRuleFiles } from '../../../grafana/rules/render.js';
import { METRIC_SETS } from '../../../grafana/sets.js';
import {
  type Notification,
  receiveNotifications,
  requireAlertmanager,
  startAlertmanager,
} from '../../support/alertmanager.js';
import { eventually } from '../../support/eventually.js';
import { startInstrumented } from '../../support/instrumented.js';
import { requirePrometheus, startPrometheus } from '../../support/prometheus.js';

/** A minute takes 400 ms. Bounds are above what a busy machine does to a loop. */
const OPTIONS: Partial<RuleOptions> = {
  shorten: 150,
  intervalS: 0.1,
  blockedS: 0.8,
  blockedPageS: 1.2,
  // A scrape that is late leaves little of the window of two minutes: the block starves at the first look, and nothing else.
  starvedLagS: 2,
  starvedStalledShare: 1,
  forS: { LoopsightStarved: 0 },
  lagS: 0.5,
  sloObjective: 0.98,
  sloBoundS: 0.5,
};
/** A block is no longer a page, and nothing else is. */
const ONLY_TICKETS: Partial<RuleOptions> = {
  ...OPTIONS,
  blockedPageS: 30,
  without: ['LoopsightStarved', 'LoopsightBudgetBurnsFast'],
};
const BLOCK_MS = 3000;
const PATIENCE_MS = 60_000;
const FIRING = 'ALERTS{alertstate="firing", severity!="none"}';

// Most of their time is Prometheus' and Alertmanager's own waiting.
describe('of what Alertmanager is told', { concurrency: 2 }, () => {
  test('one block gives one notification', { timeout: 120_000 }, async (t) => {
    const expected = ['LoopsightBlocked', 'LoopsightBlockedLong', 'LoopsightStarved', 'LoopsightBudgetBurnsFast'];
    const told = await notificationsOfBlock(t, OPTIONS, expected);
    if (told === undefined) return;
    assert.deepEqual(told.inhibiting.map(receiverAndAlerts), [[RECEIVERS.page, 'LoopsightBlockedLong']]);
    const summary = told.inhibiting[0]?.alerts[0]?.annotations.summary ?? '';
    assert.match(summary, /of shop has not turned for \d+(\.\d+)?m?s: it answers nobody/);
    // Without the rules there would have been more: this test can fail.
    assert.ok(told.telling.length >= 2, JSON.stringify(told.telling));
  });

  test('a block that nobody is woken for gives one ticket', { timeout: 120_000 }, async (t) => {
    const told = await notificationsOfBlock(t, ONLY_TICKETS, ['LoopsightBlocked']);
    if (told === undefined) return;
    assert.deepEqual(told.inhibiting.map(receiverAndAlerts), [[RECEIVERS.ticket, 'LoopsightBlocked']]);
  });
});

/**
 * What Alertmanager tells of one block, with and without inhibit rules; undefined where it cannot be run. `expected` are
 * alerts that have to fire before it is over.
 */
async function notificationsOfBlock(t: TestContext, options: Partial<RuleOptions>, expected: readonly string[]) {
  if (!requirePrometheus(t) || !requireAlertmanager(t)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-rules-'));
  try {
    const files = renderRuleFiles(METRIC_SETS.loopsight, options);
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
    await using receiver = await receiveNotifications();
    const configuration = files.get('alertmanager.yml') ?? '';
    await using inhibiting = await startAlertmanager(withWebhooks(configuration, receiver.url('/inhibiting')));
    const withoutRules = configuration.replace(/^inhibit_rules:\n( .*\n)*/m, '');
    await using telling = await startAlertmanager(withWebhooks(withoutRules, receiver.url('/telling')));
    await using service = await startInstrumented<{ app: string; metrics: string }>('stalling-server.mjs');
    await using prometheus = await startPrometheus(
      [
        'global: { scrape_interval: 100ms, scrape_timeout: 100ms, evaluation_interval: 100ms }',
        `rule_files: [${folder}/*.rules.yml, ${folder}/*.alerts.yml]`,
        'alerting:',
        '  alertmanagers:',
        `    - static_configs: [{ targets: ["${inhibiting.address}", "${telling.address}"] }]`,
        'scrape_configs:',
        '  - job_name: shop',
        `    static_configs: [{ targets: ["${new URL(service.said.metrics).host}"] }]`,
        '',
      ].join('\n'),
      ['--rules.alert.resend-delay=1s'],
    );
    // The service has had traffic: an idle one would not be paged for.
    const requests = setInterval(() => fetch(service.said.app).catch(() => {}), 50);
    t.after(() => clearInterval(requests));
    await prometheus.waitForNumber('job:http_server_requests:rate1h * 3600 > 1000');
    clearInterval(requests);
    await fetch(`${service.said.app}/?ms=${BLOCK_MS}`);

    // It is over when everything that had to fire has fired, and nothing fires any more.
    const fired = new Set<string>();
    await eventually(
      async () => {
        const firing = (await prometheus.query(FIRING)).map(({ metric }) => metric.alertname ?? '');
        for (const name of firing) fired.add(name);
        return { firing, missing: expected.filter((name) => !fired.has(name)) };
      },
      ({ firing, missing }) => firing.length === 0 && missing.length === 0,
      PATIENCE_MS,
    );
    const firing = (path: string) => receiver.receivedAt(path).filter(({ status }) => status === 'firing');
    return { inhibiting: firing('/inhibiting'), telling: firing('/telling') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function receiverAndAlerts({ receiver, alerts }: Notification): readonly string[] {
  return [receiver, ...alerts.map(({ labels }) => labels.alertname ?? '')];
}

/** The configuration, with a webhook for every receiver that notifies somebody. */
function withWebhooks(configuration: string, url: string): string {
  return [RECEIVERS.page, RECEIVERS.ticket].reduce(
    (text, name) =>
      text.replace(
        `- name: ${name}\n`,
        `- name: ${name}\n    webhook_configs: [{ url: "${url}", send_resolved: false }]\n`,
      ),
    configuration,
  );
}
