// A real PM2: its instances are a group, whose slots stay what they are when instances are replaced.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually.js';
import { ensurePackages } from '../support/installing.js';
import { registerEsm } from '../support/instrumented.js';
import { freePorts } from './free-ports.js';
import { kill, scrape, sumBy } from './shop.js';

const installed = join(import.meta.dirname, 'pm2');
const missing = await ensurePackages(installed);
const folder = mkdtempSync(join(tmpdir(), 'ls-pm2-'));
const env = { PATH: process.env.PATH, HOME: folder, PM2_HOME: join(folder, 'home'), TMPDIR: folder };
const pm2 = (...args: string[]) =>
  promisify(execFile)(join(installed, 'node_modules/.bin/pm2'), args, { cwd: folder, env, timeout: 30_000 });

interface Listed {
  readonly name: string;
  readonly pid: number;
}

after(async () => {
  if (missing === undefined) await pm2('kill');
  rmSync(folder, { recursive: true, force: true });
});

writeFileSync(join(folder, 'package.json'), '{ "name": "shop", "version": "2.0.0" }');
writeFileSync(
  join(folder, 'server.js'),
  "require('node:http').createServer((request, response) => response.end('ok')).listen(Number(process.env.SHOP_PORT), '127.0.0.1');",
);

describe('PM2', { skip: missing ?? false }, () => {
  for (const mode of ['cluster', 'fork'] as const) {
    test(`in ${mode} mode`, async () => {
      const [port = 0, shopPort = 0] = await freePorts(2);
      const url = `http://127.0.0.1:${port}/metrics`;
      const app = {
        name: `shop-${mode}`,
        script: 'server.js',
        instances: 2,
        exec_mode: mode,
        node_args: `--import ${registerEsm}`,
        // In fork mode instances cannot share a port.
        env: { SHOP_PORT: mode === 'cluster' ? `${shopPort}` : '0', OTEL_EXPORTER_PROMETHEUS_PORT: `${port}` },
      };
      writeFileSync(join(folder, `${mode}.config.js`), `module.exports = ${JSON.stringify({ apps: [app] })}`);
      const standing = () =>
        scrape(url).then(
          (metrics) => [...sumBy(metrics, 'loopsight_group_member_up', 'process')].sort().join(' '),
          () => '',
        );
      const uptimeOf = (instance: string) =>
        scrape(url).then(
          (metrics) => sumBy(metrics, 'process_uptime_seconds', 'process').get(instance) ?? Number.POSITIVE_INFINITY,
          () => Number.POSITIVE_INFINITY,
        );

      await pm2('start', `${mode}.config.js`);
      await eventually(standing, (found) => found === '0,1 1,1');
      // The application's name and version, not those of PM2, which loads it.
      const targets = (await scrape(url)).families.get('target_info')?.samples ?? [];
      assert.deepEqual(
        targets.map(({ labels }) => labels.service_name),
        ['shop', 'shop'],
      );
      assert.match(targets[0]?.labels.service_version ?? '', /^2\.0\.0/);

      const { stdout } = await pm2('jlist');
      const listed = (JSON.parse(stdout.slice(stdout.indexOf('['))) as Listed[]).filter(
        ({ name }) => name === app.name,
      );
      const killedS = await uptimeOf('0');
      kill(listed[0]?.pid ?? 0, 'SIGKILL');
      await eventually(
        () => uptimeOf('0'),
        (uptimeS) => uptimeS < killedS,
      );
      await eventually(standing, (found) => found === '0,1 1,1');

      const reloadedS = await uptimeOf('1');
      await pm2('reload', app.name);
      await eventually(
        () => uptimeOf('1'),
        (uptimeS) => uptimeS < reloadedS,
      );
      await eventually(standing, (found) => found === '0,1 1,1');
      await pm2('delete', app.name);
    });
  }
});
