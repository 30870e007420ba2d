// The examples of docs/mounting.md, each run as the application that it shows and scraped.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { transform } from 'esbuild';
import { eventually } from '../support/eventually.js';
import { ensurePackages } from '../support/installing.js';
import { freePort } from '../support/prometheus.js';
import { registerFiles, root, withoutStalls } from '../support/run-node.js';

const packages = join(root, 'test/access/packages');
const missing = await ensurePackages(packages);
const folder = join(packages, '.cache');
const examples = [
  ...readFileSync(join(root, 'docs/mounting.md'), 'utf8').matchAll(/^## ([^\n]+)\n[^#]*?^```ts\n(.*?)^```$/gms),
];

before(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const own = join(packages, 'node_modules/loopsight');
  if (missing === undefined && !existsSync(own)) symlinkSync(root, own);
});
after(() => rmSync(folder, { recursive: true, force: true }));

interface App {
  readonly url: string;
  readonly child: ChildProcess;
  stderr(): string;
}

async function start(name: string, code: string, env: Readonly<Record<string, string>> = {}): Promise<App> {
  const { code: compiled } = await transform(code, { loader: 'ts', format: 'esm', target: 'node20.19' });
  const file = join(folder, `${name.replaceAll(/\W/g, '-')}.mjs`);
  writeFileSync(file, compiled);
  const port = await freePort();
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--import', registerFiles.import, file], {
    env: { PATH, HOME, PORT: String(port), OTEL_METRICS_EXPORTER: 'none', OTEL_SERVICE_NAME: 'mounted', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(
    async () => (child.exitCode === null ? (await fetch(url).catch(() => undefined))?.status : 'ended'),
    (status) => status === 200 || status === 'ended',
  );
  assert.equal(child.exitCode, null, stderr);
  return { url, child, stderr: () => stderr };
}

test('there is an example for each', () => {
  assert.deepEqual(
    examples.map(([, name]) => name),
    ['node:http', 'Express', 'Fastify', 'Hono'],
  );
});

for (const [, name = '', code = ''] of examples) {
  describe(name, { skip: missing }, () => {
    let app: App;
    before(async () => {
      app = await start(name, code);
    });
    after(async () => {
      app.child.kill('SIGKILL');
      await once(app.child, 'exit');
    });

    test('shows everything at its path, and the application answers at the others', async () => {
      assert.equal(await (await fetch(app.url)).text(), 'hello\n');
      const response = await fetch(`${app.url}/metrics`);
      const text = await response.text();
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type') ?? '', /^text\/plain; ?version=0\.0\.4/);
      const wanted = [
        'loopsight_eventloop_lag_seconds_bucket',
        'process_cpu_time_seconds_total',
        'service_name="mounted"',
      ];
      for (const part of wanted) assert.ok(text.includes(part), part);
      assert.ok(text.endsWith('\n'));
    });

    test('speaks OpenMetrics to whoever asks for it', async () => {
      const accept = 'application/openmetrics-text; version=1.0.0';
      const response = await fetch(`${app.url}/metrics`, { headers: { accept } });
      assert.match(response.headers.get('content-type') ?? '', /^application\/openmetrics-text/);
      assert.match(await response.text(), /# EOF\n$/);
    });

    test('HEAD has the headers and no body', async () => {
      const response = await fetch(`${app.url}/metrics`, { method: 'HEAD' });
      assert.equal(response.status, 200);
      assert.equal(await response.text(), '');
    });

    test('serves many scrapes in a row on one connection, and nothing is said', async () => {
      for (let i = 0; i < 20; i++) assert.match(await (await fetch(`${app.url}/metrics`)).text(), /^# /);
      assert.equal(withoutStalls(app.stderr()), '');
    });
  });
}

test('a token that Loopsight was given is asked for here as well', { skip: missing }, async (t) => {
  const app = await start('guarded', examples[0]?.[2] ?? '', { LOOPSIGHT_TOKEN: 'the token' });
  t.after(() => app.child.kill('SIGKILL'));
  assert.equal((await fetch(`${app.url}/metrics`)).status, 401);
  assert.equal((await fetch(app.url)).status, 200);
  assert.equal((await fetch(`${app.url}/metrics`, { headers: { authorization: 'Bearer the token' } })).status, 200);
});
