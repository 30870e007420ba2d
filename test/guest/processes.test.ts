// Every process and thread that inherits loopsight/register: package managers, forks, clusters, workers; and the switch that turns it off.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { freePort } from '../support/prometheus.js';
import { registerFiles, runWithoutStalls } from '../support/run-node.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-processes-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const empty = { import: write('empty.mjs', ''), require: write('empty.cjs', '') } as const;

// Says how many threads the process has, once the observer would be there.
const THREADS = `
const { readdirSync } = require('node:fs');
const threads = () => readdirSync('/proc/self/task').length;
const state = () => globalThis[Symbol.for('loopsight.v1')];
setTimeout(() => console.log(JSON.stringify({ threads: threads(), state: state() !== undefined })), 400);
`;

const PROGRAMS: Readonly<Record<string, { readonly text: string; readonly stdout: string }>> = {
  'a forked child': {
    text: `
const { fork } = require('node:child_process');
if (process.argv[2] === 'child') { console.log('child'); process.exitCode = 6 }
else fork(__filename, ['child']).on('exit', (code) => console.log('parent', code));`,
    stdout: 'child\nparent 6\n',
  },
  'a cluster': {
    text: `
const cluster = require('node:cluster');
const http = require('node:http');
if (cluster.isPrimary) {
  const codes = [];
  for (let i = 0; i < 2; i++) cluster.fork().on('exit', (code) => { if (codes.push(code) === 2) console.log('ended', codes) });
} else http.createServer((_q, r) => r.end()).listen(0, '127.0.0.1', () => setTimeout(() => cluster.worker.disconnect(), 300));`,
    stdout: 'ended [ 0, 0 ]\n',
  },
  'a worker thread': {
    text: `
const { Worker, isMainThread, parentPort } = require('node:worker_threads');
if (isMainThread) {
  const worker = new Worker(__filename);
  worker.on('message', (message) => console.log('from the worker', message));
  worker.on('exit', (code) => console.log('exit', code));
} else {
  console.error('inside');
  parentPort.postMessage(typeof process.env.PATH);
  process.exitCode = 2;
}`,
    stdout: 'from the worker string\nexit 2\n',
  },
  'a worker thread that throws': {
    text: `
const { Worker, isMainThread } = require('node:worker_threads');
if (isMainThread) new Worker(__filename).on('error', (error) => console.log('error', error.message)).on('exit', (code) => console.log('exit', code));
else throw new Error('worker');`,
    stdout: 'error worker\nexit 1\n',
  },
};

const WAYS = {
  '--import': (file: string, register: typeof registerFiles | typeof empty) => ({
    args: ['--import', register.import, file],
    env: {},
  }),
  '--require': (file: string, register: typeof registerFiles | typeof empty) => ({
    args: ['--require', register.require, file],
    env: {},
  }),
  'NODE_OPTIONS=--import': (file: string, register: typeof registerFiles | typeof empty) => ({
    args: [file],
    env: { NODE_OPTIONS: `--import ${register.import}` },
  }),
  'NODE_OPTIONS=--require': (file: string, register: typeof registerFiles | typeof empty) => ({
    args: [file],
    env: { NODE_OPTIONS: `--require ${register.require}` },
  }),
} as const;

for (const [way, start] of Object.entries(WAYS)) {
  describe(way, { concurrency: 2 }, () => {
    for (const [title, { text, stdout }] of Object.entries(PROGRAMS)) {
      test(`${title} says and does what it does without us`, async () => {
        const file = write(`${way}-${title}.cjs`.replaceAll(/[ =]/g, '-'), text);
        const without = start(file, empty);
        const beside = start(file, registerFiles);
        const alone = await runWithoutStalls(without.args, { env: without.env });
        assert.equal(alone.stdout, stdout);
        assert.deepEqual(await runWithoutStalls(beside.args, { env: beside.env }), alone);
      });
    }

    test('OTEL_SDK_DISABLED=true does nothing at all', async () => {
      const file = write(`${way}-threads.cjs`.replaceAll(/[ =]/g, '-'), THREADS);
      const run = async (register: typeof registerFiles | typeof empty, more: Readonly<Record<string, string>>) => {
        const { args, env } = start(file, register);
        const { stdout, stderr, code } = await runWithoutStalls(args, { env: { ...env, ...more } });
        assert.deepEqual({ stderr, code }, { stderr: '', code: 0 });
        return JSON.parse(stdout) as { readonly threads: number; readonly state: boolean };
      };
      const alone = await run(empty, {});
      assert.deepEqual(await run(registerFiles, { OTEL_SDK_DISABLED: 'true' }), alone);
      const running = await run(registerFiles, {});
      assert.deepEqual(running, { threads: alone.threads + 1, state: true });
    });

    test('a bad variable is one sentence and exit code 1', async () => {
      const { args, env } = start(write('never.cjs', "console.log('ran')"), registerFiles);
      const run = await runWithoutStalls(args, { env: { ...env, OTEL_EXPORTER_PROMETHEUS_PORT: '70000' } });
      assert.deepEqual(run, {
        code: 1,
        signal: null,
        stdout: '',
        stderr:
          'loopsight: Expected `OTEL_EXPORTER_PROMETHEUS_PORT` to be an integer from 0 to 65535, got "70000" (string)\n',
      });
    });
  });
}

test('both formats at once are one Loopsight', async () => {
  const file = write('both.cjs', THREADS);
  const threads = async (args: readonly string[]) => {
    const run = await runWithoutStalls([...args, file]);
    assert.equal(run.stderr, '');
    return (JSON.parse(run.stdout) as { readonly threads: number }).threads;
  };
  const once = await threads(['--import', registerFiles.import]);
  assert.equal(await threads(['--require', registerFiles.require, '--import', registerFiles.import]), once);
});

test('a cluster on one port has one endpoint, or says one line in each process that has none', async () => {
  const port = String(await freePort());
  const file = write(
    'cluster-port.mjs',
    `
import cluster from 'node:cluster';
const { current } = await import(${JSON.stringify(registerFiles.import.replace('register.js', 'index.js'))});
const alive = setInterval(() => {}, 1000);
const endpoint = await current().endpoint;
if (cluster.isPrimary) {
  let left = 2;
  for (let i = 0; i < 2; i++) cluster.fork().on('exit', () => { if (--left === 0) clearInterval(alive) });
} else {
  console.log(endpoint?.url);
  clearInterval(alive);
  cluster.worker.disconnect();
}`,
  );
  const url = `http://127.0.0.1:${port}/metrics`;
  const grouped = await runWithoutStalls(['--import', registerFiles.import, file], {
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: port },
  });
  assert.deepEqual(grouped, { code: 0, signal: null, stdout: `${url}\n${url}\n`, stderr: '' });
  for (const alone of [{ LOOPSIGHT_GROUP: 'off' }, { LOOPSIGHT_OBSERVER: 'off' }]) {
    const env = { OTEL_EXPORTER_PROMETHEUS_PORT: port, ...alone };
    const run = await runWithoutStalls(['--import', registerFiles.import, file], { env });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout, 'undefined\nundefined\n');
    assert.deepEqual(
      run.stderr.split('\n').map((line) => line.replace(/ is in use.*/, ' is in use')),
      [`loopsight: port ${port} on 127.0.0.1 is in use`, `loopsight: port ${port} on 127.0.0.1 is in use`, ''],
    );
  }
});

describe('a package manager', () => {
  for (const way of ['import', 'require'] as const) {
    test(`npm with NODE_OPTIONS=--${way}: does nothing, whatever the variables say`, async () => {
      // A bad variable would stop anything that is started.
      const env = { NODE_OPTIONS: `--${way} ${registerFiles[way]}`, LOOPSIGHT_LOG: 'loud' };
      const alone = await runWithoutStalls(['--version'], { command: 'npm', cwd: folder });
      assert.equal(alone.code, 0);
      assert.deepEqual(await runWithoutStalls(['--version'], { command: 'npm', cwd: folder, env }), alone);
    });
  }
});
