// `loopsight trace` of processes that have never heard of it.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { socketFolders, socketPath } from '../../src/dump/socket-place.js';
import type { Trace } from '../../src/trace-events/render.js';
import type { TraceEvent } from '../../src/trace-events/trace-event.js';
import { registerFiles, root, runNode } from '../support/run-node.js';
import { nodes, startTarget } from '../support/target.js';
import { openPseudoTerminal, requirePseudoTerminals } from '../top/pseudo-terminal.js';

const CLI = join(root, 'dist/esm/src/cli/main.js');
const POOL = join(root, 'test/trace-events/programs/pool.mjs');
const folder = mkdtempSync(join(tmpdir(), 'loopsight-traces-'));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const [version, node] of nodes()) {
  test(`waiting, running and delivery of the pool, and synchronous calls: Node ${version}`, async (t) => {
    const target = await startTarget(POOL, { node, env: { UV_THREADPOOL_SIZE: '1' } });
    t.after(() => target.kill());
    const file = join(folder, `${version}.json`);
    const { code, stdout, stderr } = await runNode([
      CLI,
      'trace',
      String(target.pid),
      '--duration',
      '2s',
      '--json',
      '-o',
      file,
    ]);
    assert.equal(code, 0, stderr);
    const { pid, title, durationMs, summary, notes } = JSON.parse(stdout) as Trace;
    assert.deepEqual([pid, title, notes], [target.pid, 'pool.mjs', []]);
    assert.ok(durationMs >= 1990, `${durationMs}`);
    const crypto = summary.pool.find(({ kind }) => kind === 'crypto') ?? assert.fail(stdout);
    const { wait, run, delivery } = crypto;
    assert.ok((wait?.count ?? 0) >= 8, stdout);
    // One thread: of four at once, the second waits for one, the third for two, the fourth for three: one and a half each.
    const ratio = (wait?.totalMs ?? 0) / (wait?.count ?? 1) / ((run?.totalMs ?? 0) / (run?.count ?? 1));
    assert.ok(ratio > 1, `${ratio}\n${stdout}`);
    // The loop was blocked for 60 ms while the first ones ended.
    assert.ok((delivery?.maxMs ?? 0) > 5, stdout);
    assert.ok(summary.poolThreadsBusy > 0.05 && summary.poolThreadsBusy <= 1.01, `${summary.poolThreadsBusy}`);
    assert.ok(
      summary.requests.some(({ kind, name }) => kind === 'fs' && name === 'stat'),
      stdout,
    );
    assert.ok(
      summary.requests.some(({ kind, name }) => kind === 'dns' && name === 'lookup'),
      stdout,
    );
    for (const threads of ['main', 'workers'] as const) {
      const open = summary.syncCalls.find((call) => call.name === 'open' && call.threads === threads);
      assert.ok((open?.time.count ?? 0) >= 10, `${threads}\n${stdout}`);
    }
    const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: TraceEvent[] };
    assert.equal(traceEvents.length, summary.events);
    assert.ok(traceEvents.every(({ ph, ts }) => typeof ph === 'string' && typeof ts === 'number'));
    assert.equal(target.child.exitCode, null);
    // Traced once more, it has left nothing of the first time.
    const again = await runNode([CLI, 'trace', String(target.pid), '--duration', '1s']);
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /^loopsight: 1 s of process \d+ \(pool\.mjs\), [\d,]+ events\n\nThread pool: /);
    assert.match(again.stdout, /\n {2}crypto.* waited +\d+ /);
    assert.match(again.stdout, /\n {2}open +workers +\d+ /);
  });
}

test('through its observer, without the inspector, of a process that runs with Loopsight', async (t) => {
  const target = await startTarget(POOL, {
    execArgv: ['--import', registerFiles.import],
    env: { UV_THREADPOOL_SIZE: '1', OTEL_EXPORTER_PROMETHEUS_PORT: '0', LOOPSIGHT_SOCKET: 'on' },
  });
  t.after(() => target.kill());
  // The observer starts beside the program, which is ready before it.
  const [place = ''] = socketFolders(process.env, process.getuid?.() ?? 0);
  while (!existsSync(socketPath(place, target.pid))) await new Promise((resolve) => setTimeout(resolve, 20));
  const { code, stdout, stderr } = await runNode([CLI, 'trace', String(target.pid), '--duration', '1s', '--json']);
  assert.equal(code, 0, stderr);
  const { summary, notes } = JSON.parse(stdout) as Trace;
  assert.deepEqual(notes, []);
  assert.ok(
    summary.pool.some(({ kind, wait }) => kind === 'crypto' && (wait?.count ?? 0) >= 2),
    stdout,
  );
  const threads = summary.syncCalls.filter(({ name }) => name === 'open').map((call) => call.threads);
  assert.deepEqual(threads.sort(), ['main', 'workers']);
  assert.doesNotMatch(target.output().stderr, /Debugger/);
});

test('Ctrl-C ends a trace early and shows what there is', async (t) => {
  if (!requirePseudoTerminals(t)) return;
  const target = await startTarget(POOL);
  t.after(() => target.kill());
  const file = join(folder, 'early.json');
  const command = [process.execPath, CLI, 'trace', String(target.pid), '--duration', '5m', '-o', file];
  const terminal = await openPseudoTerminal(command, { columns: 120, lines: 60 });
  t.after(() => terminal.kill());
  await terminal.until((text) => /Tracing process \d+ \[-+\] [1-9]/.test(text), 'progress');
  terminal.type('\u0003');
  assert.equal((await terminal.ended).code, 0, terminal.written());
  assert.match(terminal.shown().join('\n'), /Synchronous file system calls/);
  assert.ok((JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: unknown[] }).traceEvents.length > 10);
});

test('a process that ends meanwhile: what was told until then is shown, and the file is whole', async (t) => {
  const target = await startTarget(POOL);
  t.after(() => target.kill());
  const file = join(folder, 'ended.json');
  const run = runNode([CLI, 'trace', String(target.pid), '--duration', '1m', '-o', file]);
  // It says that it traces by having opened the inspector.
  while (!target.output().stderr.includes('Debugger listening'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 500));
  await target.kill();
  const { code, stdout, stderr } = await run;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /The last events are missing: the process ended/);
  assert.ok(Array.isArray((JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: unknown[] }).traceEvents));
  assert.ok(!readdirSync(folder).some((name) => name.endsWith('.next')));
});

for (const { what, args, said, code } of [
  { what: 'no process', args: [], said: /Expected the id of one process, got 0/, code: 2 },
  { what: 'no id', args: ['x'], said: /Expected the id of a process/, code: 2 },
  {
    what: 'a process that is not there',
    args: ['999999999', '-o', join(folder, 'none.json')],
    said: /no process/,
    code: 2,
  },
  { what: 'too long a time', args: ['1', '--duration', '1h'], said: /`--duration`/, code: 2 },
  { what: 'a folder that is not there', args: ['1', '-o', '/none/x.json'], said: /cannot be written/, code: 3 },
]) {
  test(`a sentence and exit code ${code} for ${what}`, async () => {
    const run = await runNode([CLI, 'trace', ...args]);
    assert.match(run.stderr, said);
    assert.equal(run.code, code);
    assert.equal(run.stdout, '');
    assert.ok(!readdirSync(folder).some((name) => name.includes('none')));
  });
}

test('--help has examples', async () => {
  const { code, stdout } = await runNode([CLI, 'trace', '--help']);
  assert.equal(code, 0);
  assert.ok((stdout.match(/^ {2}loopsight trace /gm) ?? []).length >= 2);
});
