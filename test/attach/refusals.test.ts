// Processes that cannot be looked into: a sentence, exit code 2, and no signal.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { hasProc, readFacts } from '../../src/attach/process-facts.js';
import { handlesOwnSignal } from '../../src/attach/signal-handlers.js';
import { runCommand } from '../../src/cli/commands.js';
import { eventually } from '../support/eventually.js';
import { root, runNode } from '../support/run-node.js';
import { nodes, startTarget } from '../support/target.js';

const BY_SIGNAL = '--heapsnapshot-signal=SIGUSR1';
const isRoot = process.getuid?.() === 0;
const NO_PROC = !hasProc() && 'no /proc';

type Case = readonly [title: string, execArgv: string[], env: Record<string, string>, sentence: RegExp];

async function dump(pid: number): Promise<{ code: number; out: string; error: string }> {
  let [out, error] = ['', ''];
  const code = await runCommand(['dump', String(pid)], {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    colour: false,
  });
  return { code, out, error };
}

async function assertRefused(pid: number, sentence: RegExp): Promise<void> {
  const { code, out, error } = await dump(pid);
  assert.match(error, sentence);
  assert.match(error, /^[A-Z][^\n]*\.\n$/);
  assert.deepEqual([code, out], [2, '']);
}

const untilState = (pid: number, state: string) =>
  eventually(
    () => readFacts(pid)?.state,
    (now) => now === state,
  );

/** Starts a program; resolves with the first number that it writes. */
async function started(
  t: TestContext,
  command: string,
  args: readonly string[],
): Promise<{ child: ChildProcess; told: number }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, told: Number.parseInt(text.toString(), 10) };
}

describe('what is no process that can be asked', { skip: NO_PROC }, () => {
  test('a dead pid', () => assertRefused(999_999_999, /^There is no process 999999999\.$/m));

  test('the command itself', () => assertRefused(process.pid, /^Process \d+ is this command itself\.$/m));

  test('a zombie', async (t) => {
    // It ends when its parent has become a program that takes no notice of children.
    const child = 'while [ "$(cat /proc/$PPID/comm)" != sleep ]; do sleep 0.05; done';
    const { told } = await started(t, 'sh', ['-c', `sh -c '${child}' & echo $!; exec sleep 60`]);
    await untilState(told, 'Z');
    await assertRefused(told, /has ended already and only waits for its parent to notice/);
  });

  test('a thread', async (t) => {
    const target = await startTarget('idle.mjs');
    t.after(target.kill);
    const tid = Number(readdirSync(`/proc/${target.pid}/task`).find((name) => Number(name) !== target.pid));
    await assertRefused(tid, new RegExp(`is a thread of process ${target.pid}; give the id of the process`));
    assert.deepEqual([target.child.exitCode, target.output().stderr], [null, '']);
  });

  test('what is not Node', async (t) => {
    const { child } = await started(t, 'sh', ['-c', 'echo 1; exec sleep 60']);
    await assertRefused(child.pid ?? 0, /is no Node\.js process: it runs \/.*\.$/m);
    assert.deepEqual([child.exitCode, child.signalCode], [null, null]);
  });

  test('one that is stopped', async (t) => {
    const target = await startTarget('idle.mjs');
    t.after(target.kill);
    target.child.kill('SIGSTOP');
    await untilState(target.pid, 'T');
    await assertRefused(target.pid, /is stopped/);
  });

  const main = join(root, 'dist/esm/src/cli/main.js');
  const AS_NOBODY = ['--reuid', '65534', '--clear-groups'];
  // Who nobody is must be able to read the command.
  if (isRoot && spawnSync('setpriv', [...AS_NOBODY, 'test', '-r', main]).status === 0) {
    test("another user's", async (t) => {
      const target = await startTarget('idle.mjs');
      t.after(target.kill);
      const run = await runNode([...AS_NOBODY, process.execPath, main, 'dump', String(target.pid)], {
        command: 'setpriv',
      });
      assert.deepEqual([run.code, run.stdout], [2, '']);
      assert.match(
        run.stderr,
        /^Process \d+ belongs to another user \(0\); run the command as that user, or as root\.\n$/,
      );
      assert.deepEqual([target.child.exitCode, target.output().stderr], [null, '']);
    });
  }

  if (isRoot && spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0) {
    test("a container's", async (t) => {
      const { child } = await started(t, 'unshare', [
        ...['--pid', '--fork', '--mount-proc', '--kill-child', process.execPath],
        ...['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'],
      ]);
      const inner = spawnSync('pgrep', ['-P', String(child.pid)])
        .stdout.toString()
        .trim();
      await assertRefused(Number(inner), /runs in a container.*where it has the id 1; run the command in there/);
      assert.deepEqual([child.exitCode, child.signalCode], [null, null]);
    });
  }
});

for (const [major, node] of nodes()) {
  describe(`Node ${major} that keeps SIGUSR1 from opening its inspector`, { skip: NO_PROC }, () => {
    const knows = (flag: string) =>
      spawnSync(node, ['-p', `process.allowedNodeEnvironmentFlags.has('${flag}')`])
        .stdout.toString()
        .trim() === 'true';
    const permission = knows('--permission') ? '--permission' : '--experimental-permission';
    const cases: readonly Case[] = [
      [
        'the permission model',
        [permission, '--allow-fs-read=*'],
        {},
        /was started with --(?:experimental-)?permission,/,
      ],
      ['a snapshot by signal', [BY_SIGNAL], {}, /was started with --heapsnapshot-signal=SIGUSR1, which gives/],
      ['the same by NODE_OPTIONS', [], { NODE_OPTIONS: BY_SIGNAL }, /was started with --heapsnapshot-signal=SIGUSR1,/],
      [
        '--disable-sigusr1',
        ['--disable-sigusr1'],
        {},
        /because it was started with --disable-sigusr1: the signal would/,
      ],
    ];
    for (const [title, execArgv, env, sentence] of cases) {
      if (title === '--disable-sigusr1' && !knows(title)) continue;
      test(title, async (t) => {
        const target = await startTarget('idle.mjs', { node, execArgv: ['--no-warnings', ...execArgv], env });
        t.after(target.kill);
        await assertRefused(target.pid, sentence);
        assert.deepEqual([target.child.exitCode, target.output().stderr], [null, '']);
      });
    }

    test('a handler of the application, also among others', async (t) => {
      const target = await startTarget('own-signal.cjs', { node });
      t.after(target.kill);
      const facts = readFacts(target.pid);
      if (facts === undefined || handlesOwnSignal(facts) === undefined) return t.skip('the memory may not be read');
      await assertRefused(target.pid, /handles SIGUSR1 itself/);
      // It answers another signal, and nothing came before.
      target.child.kill('SIGUSR2');
      assert.equal(await target.line(/./), 'got SIGUSR2');
    });

    test('a port that somebody else has', async (t) => {
      const server = createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.after(() => server.close());
      const { port } = server.address() as { port: number };
      const target = await startTarget('idle.mjs', { node, execArgv: [`--inspect-port=${port}`] });
      t.after(target.kill);
      await assertRefused(target.pid, new RegExp(`would open at port ${port}, which process ${process.pid} .*has`));
      assert.deepEqual([target.child.exitCode, target.output().stderr], [null, '']);
    });
  });
}
