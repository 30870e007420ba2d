// Real programs under `loopsight doctor`, with the built package.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import type { DoctorRecord } from '../../src/doctor/record.js';
import { type RunOptions, registerFiles, root, runNode } from '../support/run-node.js';

const MAIN = join(root, 'dist/esm/src/cli/main.js');
const SERVER = "require('express')().listen(0, '127.0.0.1', () => console.log('up'))";
const doctor = (args: readonly string[], options: RunOptions = {}) => runNode([MAIN, 'doctor', ...args], options);
const node = (code: string, ...flags: readonly string[]) => ['--', process.execPath, ...flags, '-e', code];

/** Told of late enough for a busy machine to have started it. */
const started = (code: string, ...flags: readonly string[]) => ['--wait', '2', ...node(code, ...flags)];

function part(record: DoctorRecord, name: string) {
  const { parts = [], instrumentations = [] } = record.program ?? {};
  return [...parts, ...instrumentations].find((candidate) => candidate.name === name);
}

describe('loopsight doctor', { concurrency: 2 }, () => {
  it('tells of a server and ends it', async () => {
    const code = `new (require('worker_threads').Worker)('setInterval(() => {}, 1000)', { eval: true }); ${SERVER}`;
    const run = await doctor(['--json', ...started(code)], { env: { LOOPSIGHT_HTTP: 'off' } });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stderr, 'up\n');
    const record = JSON.parse(run.stdout) as DoctorRecord;
    assert.equal(record.program?.made, 'running');
    assert.match(
      part(record, 'endpoint')?.detail ?? '',
      /^http:\/\/127\.0\.0\.1:\d+\/metrics answers with \d+ metrics$/,
    );
    assert.deepEqual(part(record, 'http'), { name: 'http', on: false, detail: 'switched off' });
    assert.equal(part(record, 'worker-threads')?.detail, 'running: 1');
    assert.match(record.program?.packages.join() ?? '', /express 5\./);
    assert.ok(record.program?.replaced.includes('JSON.parse'));
    assert.equal(record.settings.find(({ name }) => name === 'http')?.from, 'LOOPSIGHT_HTTP');
    assert.equal(record.machine.nodeOptions, '');
    assert.match(record.program?.said.join() ?? '', /added by the doctor/);
  });

  it('passes on output and exit code of a program that ends before', async () => {
    // Before it is told of while it runs, however long it takes to start.
    const run = await doctor(['--wait', '60', ...node("console.log('done'); process.exitCode = 7")]);
    assert.equal(run.code, 7);
    assert.match(run.stdout, /^done\nloopsight .*, as it ended\n\nActive\n {2}Loopsight +yes\n/);
    assert.match(run.stdout, /endpoint +no +the program ended before it was up\n/);
  });

  it('says that a bad variable stopped the program', async () => {
    const run = await doctor(node(SERVER), { env: { LOOPSIGHT_BLAME: 'maybe' } });
    assert.equal(run.code, 1);
    assert.match(run.stdout, /Wrong settings\n {2}- Expected `LOOPSIGHT_BLAME` to be one of/);
  });

  it('says why there is no endpoint', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { readonly port: number };
    try {
      const run = await doctor(started(SERVER), { env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) } });
      assert.equal(run.code, 0);
      assert.match(run.stdout, new RegExp(`endpoint +no +port ${port} on 127\\.0\\.0\\.1 is in use`));
    } finally {
      taken.close();
    }
  });

  it('says that the observer works without an endpoint, and what is lost without an observer', async () => {
    const none = await doctor(started(SERVER), { env: { OTEL_METRICS_EXPORTER: 'none' } });
    assert.match(none.stdout, /\n {2}endpoint +no +switched off\n {2}observer thread +yes\n {2}blame +yes\n/);
    const alone = await doctor(started(SERVER), { env: { LOOPSIGHT_OBSERVER: 'off' } });
    assert.match(
      alone.stdout,
      /\n {2}observer thread +no +switched off: scrapes wait .*, and only stalls of the main /,
    );
    assert.match(alone.stdout, /\n {2}blame +no +the observer does not run\n/);
  });

  it('says what the permission model takes away, without a right to write files', async () => {
    const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
    const run = await doctor(started('setInterval(() => {}, 1000)', flag, '--allow-fs-read=*'));
    assert.equal(run.code, 0, run.stderr);
    assert.match(
      run.stdout,
      /- naming the code that causes a stall: the permission model does not allow the inspector\n/,
    );
    assert.match(run.stdout, /permission model +fs\.read yes, fs\.write no,/);
  });

  it('finds that nothing starts Loopsight, that the program does, and that its call is in vain', async () => {
    const asIs = await doctor(['--as-is', ...started(SERVER)]);
    assert.match(asIs.stdout, /Loopsight +no +nothing started it: node --import loopsight\/register/);
    const start = `require(${JSON.stringify(join(root, 'dist/cjs/src/index.js'))}).start({ stallThresholdMs: 77 });`;
    const own = await doctor(['--as-is', ...started(`${start} ${SERVER}`)]);
    assert.match(own.stdout, /stallThresholdMs +77 +start\(\) in the code\n/);
    const both = await doctor(started(`${start} ${SERVER}`, '--import', registerFiles.import));
    assert.match(both.stdout, /start\(\{ stallThresholdMs \}\) in the program had no effect/);
    assert.doesNotMatch(both.stdout, /added by the doctor/);
  });

  it('tells of a program that the program starts', async () => {
    // A shell is no Node and tells nothing; it ends when the server does, which it does not pass SIGTERM on to.
    const run = await doctor(
      ['--wait', '2', '--', 'sh', '-c', `trap '' TERM; "${process.execPath}" -e "$CODE"; exit 0`],
      {
        env: { CODE: SERVER.replace(/^/, "process.on('SIGTERM', () => process.exit()); ") },
      },
    );
    assert.match(run.stdout, /in process \d+ .*\n\nActive\n {2}Loopsight +yes\n/);
  });

  it('lets the program run on with --keep, and passes a signal on', async () => {
    const code = "process.on('SIGINT', () => process.exit(9)); setInterval(() => {}, 1000)";
    const child = spawn(process.execPath, [MAIN, 'doctor', '--keep', ...node(code)], {
      env: { PATH: process.env.PATH, OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      for await (const line of createInterface({ input: child.stdout })) if (/^ {2}NODE_OPTIONS/.test(line)) break;
      assert.equal(child.exitCode, null);
      child.kill('SIGINT');
      const [exitCode] = await once(child, 'exit');
      assert.equal(exitCode, 9);
    } finally {
      child.kill('SIGTERM');
    }
  });

  it('leaves no program behind where nobody reads the report', async () => {
    const code = 'setInterval(() => {}, 1000)';
    const child = spawn(process.execPath, [MAIN, 'doctor', '--keep', ...node(code)], {
      env: { PATH: process.env.PATH, OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      child.stdout.destroy();
      child.stderr.resume();
      // The program holds the other end of standard error: that closes when both have ended.
      await once(child, 'close', { signal: AbortSignal.timeout(60_000) });
    } finally {
      child.kill('SIGTERM');
    }
  });

  it('describes the machine without a program', async () => {
    const run = await doctor([]);
    assert.equal(run.code, 0);
    assert.match(run.stdout, /, without a program\n\nCannot work here\n/);
    assert.match(run.stdout, new RegExp(`Node +${process.versions.node}\n`));
  });

  for (const [title, args, code, message] of [
    ['a program without dashes', ['node', 'app.js'], 2, /Expected `--` before "node"; see loopsight doctor --help/],
    ['a bad time', ['--wait', 'long'], 2, /Expected `--wait` to be a number of seconds from 0 to 600, got "long"/],
    ['a program that is not there', ['--', './no-such-program'], 3, /could not be started: .*ENOENT/],
    ['a program that is no Node', ['--', 'true'], 3, /ended with exit code 0 before it told anything/],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const run = await doctor(args);
      assert.equal(run.code, code);
      assert.match(run.stderr, message);
    });
  }
});
