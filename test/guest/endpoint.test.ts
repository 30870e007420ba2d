// Whatever keeps the endpoint from coming up is one line on standard error, and the application runs on.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { newerNode, registerFiles, root, runWithoutStalls } from '../support/run-node.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-endpoint-'));
after(() => rmSync(folder, { recursive: true, force: true }));

// Waits until the endpoint is up or given up, scrapes it where it is up, and ends by itself. On a busy machine the figures
// of the main thread may come later than the first scrape waits for them.
const PROGRAM = `
import { current } from ${JSON.stringify(join(root, 'dist/esm/src/index.js'))};
const alive = setInterval(() => {}, 1000);
const endpoint = await current()?.endpoint;
clearInterval(alive);
if (endpoint === undefined) console.log('no endpoint');
else {
  const ofMain = /^loopsight_self_snapshot_age_seconds/m;
  let response;
  let text = '';
  for (let scrape = 0; scrape < 50 && !ofMain.test(text); scrape++) {
    response = await fetch(endpoint.url);
    text = await response.text();
  }
  console.log(response.status, ofMain.test(text), /^service_version|service_name="[^"]+"/m.test(text));
}
`;
const program = join(folder, 'program.mjs');
writeFileSync(program, PROGRAM);
const empty = { import: join(folder, 'empty.mjs'), require: join(folder, 'empty.cjs') } as const;
for (const path of Object.values(empty)) writeFileSync(path, '');
const UP = '200 true true\n';

const busy = createServer();
let port = '';
before(async () => {
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  const address = busy.address();
  port = String(typeof address === 'object' ? address?.port : '');
});
after(() => busy.close());

for (const flag of ['import', 'require'] as const) {
  const start = [`--${flag}`, registerFiles[flag]];

  describe(`--${flag}: a port in use`, () => {
    test('is one line, and the application runs on', async () => {
      const run = await runWithoutStalls([...start, program], { env: { OTEL_EXPORTER_PROMETHEUS_PORT: port } });
      assert.equal(run.code, 0);
      assert.equal(run.stdout, 'no endpoint\n');
      assert.match(
        run.stderr,
        new RegExp(`^loopsight: port ${port} on 127\\.0\\.0\\.1 is in use, .*OTEL_EXPORTER_PROMETHEUS_PORT.*\\n$`),
      );
    });

    test('is silent with LOOPSIGHT_LOG=off', async () => {
      const env = { OTEL_EXPORTER_PROMETHEUS_PORT: port, LOOPSIGHT_LOG: 'off' };
      const run = await runWithoutStalls([...start, program], { env });
      assert.deepEqual(run, { code: 0, signal: null, stdout: 'no endpoint\n', stderr: '' });
    });

    test('is one line where the main thread serves', async () => {
      const env = { OTEL_EXPORTER_PROMETHEUS_PORT: port, LOOPSIGHT_OBSERVER: 'off' };
      const run = await runWithoutStalls([...start, program], { env });
      assert.equal(run.stdout, 'no endpoint\n');
      assert.match(run.stderr, /^loopsight: port .*\n$/);
    });

    test('is not said by a program that has ended before', async () => {
      const env = { OTEL_EXPORTER_PROMETHEUS_PORT: port };
      const run = await runWithoutStalls([...start, '-e', 'process.exitCode = 9'], { env });
      assert.deepEqual(run, { code: 9, signal: null, stdout: '', stderr: '' });
    });
  });

  describe(`--${flag}: the endpoint comes up`, { concurrency: 2 }, () => {
    test('from the observer thread', async () => {
      assert.deepEqual(await runWithoutStalls([...start, program]), { code: 0, signal: null, stdout: UP, stderr: '' });
    });

    test('from the main thread, with LOOPSIGHT_OBSERVER=off', async () => {
      const run = await runWithoutStalls([...start, program], { env: { LOOPSIGHT_OBSERVER: 'off' } });
      assert.deepEqual(run, { code: 0, signal: null, stdout: UP, stderr: '' });
    });

    const FOLDERS: Readonly<Record<string, (path: string) => void>> = {
      'no package.json': () => {},
      'a package.json that is no JSON': (path) => writeFileSync(join(path, 'package.json'), '{ "name": '),
      'a package.json that is a folder': (path) => mkdirSync(join(path, 'package.json')),
      'a package.json that points nowhere': (path) => symlinkSync('nowhere', join(path, 'package.json')),
      'a package.json with a name of another type': (path) =>
        writeFileSync(join(path, 'package.json'), '{ "name": 5, "version": ["1"] }'),
    };
    for (const [title, prepare] of Object.entries(FOLDERS)) {
      test(`beside ${title}`, async () => {
        const path = mkdtempSync(join(folder, 'service-'));
        prepare(path);
        const file = join(path, 'program.mjs');
        writeFileSync(file, PROGRAM);
        // Node reads the package.json around an entry file and in the working directory itself, and may refuse it.
        const alone = await runWithoutStalls([`--${flag}`, empty[flag], file], { cwd: path });
        const run = await runWithoutStalls([...start, file], { cwd: path });
        if (alone.code === 0) assert.deepEqual(run, { code: 0, signal: null, stdout: UP, stderr: '' });
        else assert.deepEqual({ code: run.code, stdout: run.stdout }, { code: alone.code, stdout: alone.stdout });
      });
    }

    test('from the main thread in a working directory that was removed, where Node starts no thread', async () => {
      const path = mkdtempSync(join(folder, 'gone-'));
      const script = `cd ${path} && rmdir ${path} && exec ${process.execPath} ${start.join(' ')} ${program}`;
      const run = await runWithoutStalls(['-c', script], { command: 'sh' });
      assert.equal(run.stdout, UP);
      assert.match(run.stderr, /^loopsight: the observer thread could not start .*\n$/);
    });

    test('in Kubernetes, with one line that names the variable', async () => {
      const run = await runWithoutStalls([...start, program], { env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } });
      assert.equal(run.stdout, UP);
      assert.match(run.stderr, /^loopsight: .*OTEL_EXPORTER_PROMETHEUS_HOST=0\.0\.0\.0.*\n$/);
    });
  });

  describe(`--${flag}: with the permission model`, () => {
    const permission = Number.parseInt(process.versions.node, 10) >= 24 ? '--permission' : '--experimental-permission';
    // From Node 25 on the network is a right of its own.
    const net = process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : [];
    const own = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('loopsight: '));
    const nodes = { 'this Node': { command: process.execPath, permission, net } };
    const newer = newerNode();
    for (const [title, { command, permission: allow, net: network }] of Object.entries({
      ...nodes,
      ...(newer === undefined || newer === process.execPath
        ? {}
        : { 'Node 24': { command: newer, permission: '--permission', net: [] } }),
    })) {
      // Writing is not allowed either, as on a read-only disk.
      test(`${title}: without workers the main thread serves, and one line says so`, async () => {
        const run = await runWithoutStalls([allow, '--allow-fs-read=*', ...network, ...start, program], { command });
        assert.equal(run.code, 0, run.stderr);
        assert.equal(run.stdout, UP);
        assert.equal(own(run.stderr).length, 1, run.stderr);
        assert.match(own(run.stderr)[0] ?? '', /observer thread could not start/);
      });

      test(`${title}: with workers allowed the observer serves, and nothing is said`, async () => {
        const run = await runWithoutStalls(
          [allow, '--allow-fs-read=*', '--allow-worker', ...network, ...start, program],
          {
            command,
          },
        );
        assert.equal(run.code, 0, run.stderr);
        assert.equal(run.stdout, UP);
        assert.deepEqual(own(run.stderr), []);
      });
    }

    for (const worker of net.length === 0 ? [] : [[], ['--allow-worker']]) {
      test(`without the network (${worker}) there is no endpoint, and one line says so`, async () => {
        const run = await runWithoutStalls([permission, '--allow-fs-read=*', ...worker, ...start, program]);
        assert.equal(run.code, 0, run.stderr);
        assert.equal(run.stdout, 'no endpoint\n');
        assert.equal(own(run.stderr).length, 1, run.stderr);
        assert.match(own(run.stderr)[0] ?? '', /there is no endpoint .*permission model/);
      });
    }
  });
}

describe('standard error that nobody reads', () => {
  for (const [title, redirection] of Object.entries({ closed: '2>&-', 'a broken pipe': '2> >(exec true)' })) {
    test(`${title}: the line is lost, and the application runs on`, async () => {
      const wait = title === 'closed' ? '' : 'sleep 0.2; ';
      const script = `exec ${redirection}; ${wait}exec ${process.execPath} --import ${registerFiles.import} ${program}`;
      const run = await runWithoutStalls(['-c', script], {
        command: 'bash',
        env: { OTEL_EXPORTER_PROMETHEUS_PORT: port, KUBERNETES_SERVICE_HOST: '10.0.0.1' },
      });
      assert.deepEqual(run, { code: 0, signal: null, stdout: 'no endpoint\n', stderr: '' });
    });
  }
});
