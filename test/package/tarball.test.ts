// The packed tarball, installed in an empty folder, works from ES modules and from CommonJS.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../support/instrumented.js';

let folder = '';
const env = { ...process.env, NODE_OPTIONS: '', OTEL_EXPORTER_PROMETHEUS_PORT: '0' };
const run = (command: string, args: readonly string[]) =>
  execFileSync(command, args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'loopsight-tarball-'));
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const parsed = JSON.parse(packed);
  const { filename } = Array.isArray(parsed) ? parsed[0] : Object.values(parsed)[0];
  writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "version": "3.2.1", "private": true }');
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `./${filename}`]);
});

after(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = `
  const handle = current();
  handle.endpoint.then(async ({ url }) => {
    traced('work', () => 1)();
    queueMonitor('mail').added();
    const text = await (await fetch(url)).text();
    const names = ['loopsight_eventloop_lag_seconds_bucket', 'loopsight_function_duration_seconds_count', 'loopsight_queue_depth'];
    console.log(JSON.stringify(names.filter((name) => text.includes(name))), /service_version="3.2.1/.test(text));
    await handle.stop();
  });
`;

test('from ES modules, by --import', () => {
  writeFileSync(
    join(folder, 'app.mjs'),
    `import { current, queueMonitor } from 'loopsight'; import { traced } from 'loopsight/traced'; ${PROGRAM}`,
  );
  assert.match(
    run(process.execPath, ['--import', 'loopsight/register', 'app.mjs']),
    /^\["[^\]]*lag[^\]]*duration[^\]]*depth"\] true\n$/,
  );
});

test('from CommonJS, by --require', () => {
  writeFileSync(
    join(folder, 'app.cjs'),
    `const { current, queueMonitor } = require('loopsight'); const { traced } = require('loopsight/traced'); ${PROGRAM}`,
  );
  assert.match(
    run(process.execPath, ['--require', 'loopsight/register', 'app.cjs']),
    /^\["[^\]]*lag[^\]]*duration[^\]]*depth"\] true\n$/,
  );
});

test('the ES and the CommonJS copy are one: register by --require, application in ES modules', () => {
  assert.match(
    run(process.execPath, ['--require', 'loopsight/register', 'app.mjs']),
    /^\["[^\]]*lag[^\]]*duration[^\]]*depth"\] true\n$/,
  );
});

test('the command line is there', () => {
  assert.equal(run('npx', ['loopsight', '--version']).trim(), '0.1.0');
});

test('nothing but the package and its one peer is installed', () => {
  const { dependencies } = JSON.parse(run('npm', ['ls', '--all', '--json']));
  assert.deepEqual(Object.keys(dependencies), ['loopsight']);
  // Optional peers that are not there are listed without a version.
  const below = Object.entries<{ version?: string }>(dependencies.loopsight.dependencies);
  const installed = below.filter(([, { version }]) => version !== undefined).map(([name]) => name);
  assert.deepEqual(installed, ['@opentelemetry/api']);
});
