// What the demo's image is made of, and the script that it runs; the image itself needs an engine.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { parseText } from '../../src/prometheus/parse.js';
import { root } from '../support/instrumented.js';
import { freePort } from '../support/prometheus.js';

const dockerfile = readFileSync(join(root, 'demo/Dockerfile'), 'utf8');
const rules = readFileSync(join(root, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

/** Whether the last rule of .dockerignore that speaks of `path` lets it through. */
function isSent(path: string): boolean {
  let sent = true;
  for (const rule of rules) {
    const pattern = rule.replace(/^!/, '').replaceAll('.', '\\.').replaceAll('*', '[^/]*');
    if (new RegExp(`^${pattern}(/|$)`).test(path)) sent = rule.startsWith('!');
  }
  return sent;
}

test('the image is built from files that are there and that the engine is sent', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
  assert.ok(copied.includes('.') && copied.includes('package-lock.json'), `${copied}`);
  // What scripts/build.mjs and npm read is copied by the dot.
  const read = [
    'src',
    'instrumentations',
    'demo',
    'scripts/build.mjs',
    'tsconfig.json',
    'tsconfig.esm.json',
    'tsconfig.cjs.json',
  ];
  for (const path of [...copied.filter((name) => name !== '.'), ...read, 'CHANGELOG.md', 'README.md', 'LICENSE']) {
    assert.ok(existsSync(join(root, path)), path);
    assert.ok(isSent(path), `${path} is not sent to the engine`);
  }
  for (const path of ['node_modules', 'dist', '.git', 'test', '.cache']) assert.ok(!isSent(path), `${path} is sent`);
});

test('the image runs as a user without rights, with the script that the repository has', () => {
  assert.match(dockerfile, /^USER node$/m);
  assert.match(dockerfile, /^ENTRYPOINT \["sh", "\/app\/container\.sh"\]$/m);
  assert.match(dockerfile, /^COPY demo\/container\.sh \.\/$/m);
});

test('the script runs the instrumented service and its load, and ends as the service ends', async (t) => {
  const app = buildApplication(t);
  const [port, metricsPort] = [await freePort(), await freePort()];
  const script = spawn('sh', [join(app, 'container.sh'), '--version=2', '--fault=none'], {
    // Its own group, which ends with the test whatever happens; in a container everything ends with the service.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      MAYHEM_PORT: `${port}`,
      MAYHEM_RATE: '50',
      OTEL_SERVICE_NAME: 'mayhem',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: `${metricsPort}`,
      OTEL_RESOURCE_ATTRIBUTES: 'service.version=2.0.0',
    },
  });
  const group = -(script.pid ?? Number.NaN);
  t.after(() => process.kill(group, 'SIGKILL'));
  const requests = await waitForRequests(`http://127.0.0.1:${metricsPort}/metrics`);
  assert.equal(requests.labels.service_version, '2.0.0');
  script.kill('SIGTERM');
  const [code] = await once(script, 'exit');
  assert.equal(code, 0);
});

/** The folder that the image has at /app, with links instead of installed packages. */
function buildApplication(t: TestContext): string {
  const app = mkdtempSync(join(tmpdir(), 'loopsight-container-'));
  t.after(() => rmSync(app, { recursive: true }));
  cpSync(join(root, 'dist/demo'), join(app, 'demo'), { recursive: true });
  copyFileSync(join(root, 'demo/container.sh'), join(app, 'container.sh'));
  const manifest = dockerfile.match(/printf '(.+)\\n' > package\.json/)?.[1] ?? '';
  assert.equal(JSON.parse(manifest).type, 'module');
  writeFileSync(join(app, 'package.json'), manifest);
  mkdirSync(join(app, 'node_modules'));
  symlinkSync(root, join(app, 'node_modules/loopsight'));
  return app;
}

/** The series of answered requests, once the load has made some. */
async function waitForRequests(url: string) {
  for (const endMs = performance.now() + 60_000; performance.now() < endMs; await wait(100)) {
    const text = await fetch(url).then(
      (response) => response.text(),
      () => '',
    );
    const samples = parseText(text).families.get('http_server_request_duration_seconds')?.samples ?? [];
    const answered = samples.find(({ name, value }) => name.endsWith('_count') && value > 5);
    if (answered !== undefined) return answered;
  }
  throw new Error(`The load made no requests that ${url} tells of`);
}
