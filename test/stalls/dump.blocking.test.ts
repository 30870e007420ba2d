// Dumps of real processes whose threads are held: on demand, and after a time.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { hasProc } from '../../src/attach/process-facts.js';
import type { Dump, DumpedThread } from '../../src/dump/dump.js';
import { eventually } from '../support/eventually.js';
import { runNode } from '../support/run-node.js';
import { dump, type HeldProgram, startHeld } from './held-program.js';

const LONG_MS = 60_000;
const register = join(process.cwd(), 'dist/esm/src/register.js');
const posix = process.platform !== 'win32';

const socketOf = ({ folder, pid }: HeldProgram) => join(folder, 'run', 'loopsight', `${pid}.sock`);

async function dumpedThreads(program: HeldProgram): Promise<Record<string, DumpedThread>> {
  const { code, stdout, stderr } = await dump(program, String(program.pid), '--json');
  assert.equal(code, 0, stderr);
  const { threads } = JSON.parse(stdout) as Dump;
  return Object.fromEntries(threads.map((thread) => [thread.thread, thread]));
}

const names = (thread: DumpedThread | undefined) => thread?.stack.map((frame) => frame.function) ?? [];

describe('loopsight dump', { concurrency: 2, skip: !posix && 'no such sockets' }, () => {
  test('shows a main thread in a tight loop, and an idle worker', async (t) => {
    const program = await startHeld(t);
    await program.hold('loop', LONG_MS);
    const { main, helper } = await eventually(
      () => dumpedThreads(program),
      // Its worker turns now and then.
      ({ main, helper }) => (main?.blockedMs ?? 0) > 500 && helper?.activity === 'idle',
    );
    assert.equal(main?.activity, 'javascript');
    assert.ok(names(main).includes('computeTotals'), `${names(main)}`);
    const frame = main?.stack.find((candidate) => candidate.function === 'computeTotals');
    assert.equal(frame?.file, 'test/fixtures/held-threads.mjs');
    assert.deepEqual([helper?.activity, helper?.stack, helper?.blockedMs], ['idle', [], 0]);
    const { stdout } = await eventually(
      () => dump(program, '--socket', socketOf(program)),
      ({ stdout }) => /^Thread helper \(worker \d+\): idle$/m.test(stdout),
    );
    assert.match(
      stdout,
      /^Thread main: running JavaScript; its loop has not turned for .*\n(?: {4}at .*\n)* {4}at computeTotals \(test/m,
    );
    assert.match(stdout, /^Thread helper \(worker \d+\): idle$/m);
  });

  test('says that nobody wakes a main thread in Atomics.wait beside an idle worker', async (t) => {
    const program = await startHeld(t);
    await program.hold('wait', LONG_MS);
    const { main } = await eventually(
      () => dumpedThreads(program),
      (threads) => threads.main?.activity === 'wait',
    );
    assert.equal(main?.nobodyWakes, true);
    assert.equal(names(main)[1], 'waitForHelper');
    const { stdout } = await dump(program, String(program.pid));
    assert.match(stdout, /^Thread main: waiting in Atomics\.wait;/m);
    assert.match(stdout, /^ {4}Nobody is about to wake it/m);
  });

  test('says nothing of the kind while the worker computes', async (t) => {
    const program = await startHeld(t);
    await program.hold('worker', LONG_MS);
    await program.hold('wait', LONG_MS);
    const { main, helper } = await eventually(
      () => dumpedThreads(program),
      (threads) => threads.main?.activity === 'wait' && threads.helper?.activity === 'javascript',
    );
    assert.equal(main?.nobodyWakes, undefined);
    assert.ok(names(helper).includes('computeTotals'), `${names(helper)}`);
  });

  test('shows a worker that is held beside an idle main thread', async (t) => {
    const program = await startHeld(t);
    await program.hold('worker', LONG_MS);
    const { main, helper } = await eventually(
      () => dumpedThreads(program),
      // The main thread turns now and then, too.
      (threads) => (threads.helper?.blockedMs ?? 0) > 300 && threads.main?.activity === 'idle',
    );
    assert.equal(main?.activity, 'idle');
    assert.equal(helper?.activity, 'javascript');
    assert.ok(names(helper).includes('computeTotals'), `${names(helper)}`);
  });

  test('shows what threads do where stacks are not captured', async (t) => {
    const program = await startHeld(t, { LOOPSIGHT_BLAME: 'off' });
    await program.hold('loop', LONG_MS);
    const { main } = await eventually(
      () => dumpedThreads(program),
      (threads) => (threads.main?.blockedMs ?? 0) > 300,
    );
    assert.equal(main?.noStack, 'off');
    assert.ok(['computing', 'descheduled', 'unknown'].includes(main?.activity ?? ''), main?.activity);
  });
});

describe('the socket', { skip: !posix && 'no such sockets' }, () => {
  test('is for its user alone, and goes with the process', async (t) => {
    const program = await startHeld(t);
    await dumpedThreads(program);
    const path = socketOf(program);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700);
  });

  for (const [title, text, code] of [
    ['reaches its end', '', 0],
    ['exits', 'process.exit(3);', 3],
    ['fails', "throw new Error('on purpose');", 1],
    [
      'fails in the middle of a block',
      'setTimeout(() => { const end = Date.now() + 300; while (Date.now() < end); process.exit(4); });',
      4,
    ],
  ] as const) {
    test(`leaves no file when the program ${title}`, async (t) => {
      const { folder } = await startHeld(t);
      const env = { XDG_RUNTIME_DIR: join(folder, 'run') };
      const sockets = join(folder, 'run', 'loopsight');
      const before = readdirSync(sockets);
      const waiting = `
        import { existsSync } from 'node:fs';
        const path = ${JSON.stringify(sockets)} + '/' + process.pid + '.sock';
        while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 5));
        console.log('open');
        ${text}`;
      const file = join(folder, 'program.mjs');
      writeFileSync(file, waiting);
      const run = await runNode(['--import', register, file], { env });
      assert.deepEqual([run.code, run.stdout], [code, 'open\n'], run.stderr);
      assert.deepEqual(readdirSync(sockets), before);
    });
  }

  test('of a process that was killed is cleared away by the next one', async (t) => {
    const killed = await startHeld(t);
    await dumpedThreads(killed);
    const path = socketOf(killed);
    await killed.end('SIGKILL');
    assert.ok(existsSync(path));
    const { code, stderr } = await dump(killed, '--socket', path);
    assert.deepEqual([code, stderr], [3, `${path} could not be read: the process that opened it has ended.\n`]);
    const next = await startHeld(t, { XDG_RUNTIME_DIR: join(killed.folder, 'run') });
    await eventually(
      () => existsSync(path),
      (exists) => !exists,
    );
    assert.ok(next.pid > 0);
  });

  test('is not opened in a folder that others can look into', async (t) => {
    const { folder } = await startHeld(t);
    const open = join(folder, 'open');
    mkdirSync(join(open, 'loopsight'), { recursive: true });
    chmodSync(join(open, 'loopsight'), 0o755);
    const program = await startHeld(t, { XDG_RUNTIME_DIR: open, TMPDIR: open });
    // The folder for every other case is tried next; the answer of the endpoint is later than the first try.
    await program.get('/livez');
    assert.deepEqual(readdirSync(join(open, 'loopsight')), []);
    const env = { XDG_RUNTIME_DIR: open };
    writeFileSync(join(open, 'loopsight', `${program.pid}.sock`), '');
    const run = await runNode([join(process.cwd(), 'dist/esm/src/cli/main.js'), 'dump', String(program.pid)], { env });
    assert.equal(run.code, 3);
    assert.equal(
      run.stderr,
      `${join(open, 'loopsight')} is open to other users, so what is in it cannot be trusted.\n`,
    );
  });

  test('is not there with LOOPSIGHT_SOCKET=off, and the command goes by the inspector', {
    skip: !hasProc(),
  }, async (t) => {
    const program = await startHeld(t, { LOOPSIGHT_SOCKET: 'off', NODE_OPTIONS: '--inspect-port=0' });
    await program.get('/livez');
    assert.equal(existsSync(socketOf(program)), false);
    const { code, stdout } = await eventually(
      () => dump(program, String(program.pid)),
      ({ stdout }) => /^Thread helper \(worker \d+\): idle$/m.test(stdout),
    );
    assert.equal(code, 0);
    assert.match(stdout, /^Thread main: /m);
  });
});

test('under the permission model without the right to its folder there is no socket, and no word', async (t) => {
  const { folder } = await startHeld(t);
  const text = `
    import { existsSync } from 'node:fs';
    import { current } from 'loopsight';
    const { url } = await current().endpoint;
    await (await fetch(url)).text();
    const path = process.env.XDG_RUNTIME_DIR + '/loopsight/' + process.pid + '.sock';
    console.log(process.permission.has('fs.write', path), existsSync(path));`;
  const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const network = process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : [];
  const rights = [flag, ...network, '--allow-worker', '--allow-fs-read=*', '--no-warnings'];
  const program = await runNode([...rights, '--import', register, '--input-type=module', '-e', text], {
    env: { XDG_RUNTIME_DIR: join(folder, 'run'), TMPDIR: folder },
  });
  assert.deepEqual([program.code, program.stdout, program.stderr], [0, 'false false\n', '']);
});

describe('loopsight dump refuses', () => {
  const program = { folder: '/nowhere' } as HeldProgram;
  for (const [title, args, code, sentence] of [
    ['nothing', [], 2, /^Expected the id of one process or --socket, got 0 of them; see loopsight dump --help\.\n$/],
    ['two processes', ['1', '2'], 2, /got 2 of them/],
    ['what is no id', ['node'], 2, /^Expected the id of a process, got "node"; see/],
    ['a process that is not there', ['999999999'], 2, /^There is no process 999999999\.\n$/],
    ['a socket that is not there', ['--socket', '/nowhere/1.sock'], 3, /could not be read: there is no such file\.\n$/],
  ] as const) {
    test(title, { skip: !posix && 'no such sockets' }, async () => {
      const run = await dump(program, ...args);
      assert.deepEqual([run.code, run.stdout], [code, '']);
      assert.match(run.stderr, sentence);
    });
  }

  test('what is no dump', { skip: !posix && 'no such sockets' }, async (t) => {
    const { folder } = await startHeld(t);
    const path = join(folder, 'other.sock');
    const server = createServer((socket) => socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    t.after(() => server.close());
    const run = await dump(program, '--socket', path);
    assert.deepEqual([run.code, run.stderr], [3, 'The process answered with status 404.\n']);
  });
});

describe('dumpStacksAfter', { concurrency: 2 }, () => {
  const headsOf = (program: HeldProgram) => program.stderr().match(/^loopsight: the stacks of all threads .*$/gm) ?? [];

  for (const [title, env] of [
    ['the function', { DUMP_AFTER_MS: '500' }],
    [
      'the variable, and LOOPSIGHT_LOG=off does not silence it',
      { LOOPSIGHT_DUMP_AFTER_MS: '500', LOOPSIGHT_LOG: 'off' },
    ],
  ] as const) {
    test(`${title}: all threads are written while the loop is held, and again`, async (t) => {
      const program = await startHeld(t, env);
      await program.hold('loop', LONG_MS);
      const heads = await eventually(
        () => headsOf(program),
        (found) => found.length >= 2,
      );
      for (const head of heads) assert.match(head, /: the loop of main has not turned for .*$/);
      const text = await eventually(program.stderr, (found) => found.split('Thread helper').length > 2);
      assert.match(
        text,
        /^Thread main: .*\n(?: {4}at .*\n)* {4}at computeTotals \(test\/fixtures\/held-threads\.mjs:\d+:\d+\)$/m,
      );
      assert.match(text, /^Thread helper \(worker \d+\): idle$/m);
    });
  }

  test('a start that does not end is seen as well', async (t) => {
    const text = `function readAll() { const end = Date.now() + ${LONG_MS}; while (Date.now() < end); } readAll();`;
    const env = { ...process.env, OTEL_EXPORTER_PROMETHEUS_PORT: '0', LOOPSIGHT_DUMP_AFTER_MS: '500' };
    const child = spawn(process.execPath, ['--import', register, '-e', text], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    let written = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      written += part;
    });
    await eventually(
      () => written,
      (found) => /^Thread main: running JavaScript.*\n(?: {4}at .*\n)* {4}at readAll /m.test(found),
    );
  });

  test('nothing is written while the loops turn', async (t) => {
    const periodMs = 2000;
    const program = await startHeld(t, { LOOPSIGHT_DUMP_AFTER_MS: String(periodMs) });
    // A start that took longer is written, rightly; it ended before the program was there.
    const atStart = headsOf(program);
    for (const endMs = performance.now() + 1.5 * periodMs; performance.now() < endMs; ) await program.hold('loop', 50);
    await dumpedThreads(program);
    await program.end('SIGTERM');
    assert.deepEqual(headsOf(program), atStart);
  });
});
