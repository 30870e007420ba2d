// A real Prometheus with credentials and certificates, as docs/security.md says it is told of them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startInstrumented } from '../support/instrumented.js';
import { requirePrometheus, startPrometheus } from '../support/prometheus.js';
import { issue, makeAuthority, noOpenssl } from './certificates.js';

test('Prometheus scrapes with a token over TLS with certificates of both sides, and not without', {
  skip: noOpenssl,
}, async (t) => {
  if (!requirePrometheus(t)) return;
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-scraped-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const authority = makeAuthority(folder, 'authority');
  const server = issue(folder, authority, 'server', 'DNS:app.example');
  const client = issue(folder, authority, 'client', 'DNS:prometheus.example');
  const token = join(folder, 'token');
  const wrong = join(folder, 'wrong');
  writeFileSync(token, '0123456789abcdef ü\n');
  writeFileSync(wrong, '0123456789abcdef\n');
  await using app = await startInstrumented<{ metrics: string }>('http-server.mjs', {
    LOOPSIGHT_TOKEN_FILE: token,
    LOOPSIGHT_TLS_CERT_FILE: server.cert,
    LOOPSIGHT_TLS_KEY_FILE: server.key,
    LOOPSIGHT_TLS_CLIENT_CA_FILE: authority.cert,
  });
  const { host, protocol } = new URL(app.said.metrics);
  assert.equal(protocol, 'https:');
  const job = (name: string, credentials: string, certificate: string) => `
  - job_name: ${name}
    scheme: https
    authorization: { credentials_file: ${credentials} }
    tls_config: { ca_file: ${authority.cert}, server_name: app.example${certificate} }
    static_configs: [{ targets: ['${host}'] }]`;
  const shown = `, cert_file: ${client.cert}, key_file: ${client.key}`;
  const jobs = [job('right', token, shown), job('wrong_token', wrong, shown), job('no_certificate', token, '')];
  await using prometheus = await startPrometheus(`
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:${jobs.join('')}
`);
  await prometheus.waitForNumber('up{job="right"} == 1 and on() count(up) == 3');
  const up = await prometheus.query('max by (job) (max_over_time(up[10m]))');
  const byJob = Object.fromEntries(up.map(({ metric, values: [last] }) => [metric.job, last?.[1]]));
  assert.deepEqual(byJob, { right: 1, wrong_token: 0, no_certificate: 0 });
  const lag = await prometheus.query('loopsight_eventloop_lag_seconds_count{job="right"}');
  assert.equal(lag.length, 1);
});
