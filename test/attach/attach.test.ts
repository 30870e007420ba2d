// Attaching to programs that never heard of Loopsight, and leaving them as they were.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { attach } from '../../src/attach/attach.js';
import { attachInspector } from '../../src/attach/attach-inspector.js';
import { NO_CLOSER } from '../../src/attach/close-later.js';
import { CannotAttach, Unanswered } from '../../src/attach/inspected.js';
import { listeningOf } from '../../src/attach/listening.js';
import { hasProc, processesHere, readFacts, readText } from '../../src/attach/process-facts.js';
import { recordWindow } from '../../src/attach/record-window.js';
import { threadName, threadsOf } from '../../src/attach/system-threads.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/prometheus.js';
import { root, runNode } from '../support/run-node.js';
import { nodes, startTarget, type Target, type TargetOptions } from '../support/target.js';
import { startWaiting } from './waiting.js';

const IS_MATRIX = process.env.LOOPSIGHT_ATTACH_MATRIX === 'all';
const ROUNDS = IS_MATRIX ? 100 : 6;
/** What is kept for ever from the first time on is no leak. */
const WARM_ROUNDS = IS_MATRIX ? 5 : 2;
const WINDOW = { durationMs: 200, intervalUs: 1000, threads: 'all' } as const;
const STAYING = join(root, 'test/attach/programs/attach-and-stay.ts');
/** What Node itself says of its inspector. */
const NOTICE = /^(?:Debugger (?:listening on|attached|ending on)|For help, see: )/;

const ports = ({ pid }: Target) => listeningOf(pid).length;
const descriptors = ({ pid }: Target) => readdirSync(`/proc/${pid}/fd`).length;
const threads = ({ pid }: Target) => readdirSync(`/proc/${pid}/task`).length;
/** V8 has a thread for each profiler that runs. */
const profilers = ({ pid }: Target) =>
  threadsOf(pid).filter((tid) => threadName(pid, tid) === 'v8:ProfEvntProc').length;
/** Who waits to close the inspector where the command cannot. */
const waiters = ({ pid }: Target) =>
  processesHere().filter((other) => readText(other, 'cmdline').includes(`close-later-program.js\0${pid}\0`));
const residentKiB = ({ pid }: Target) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** A command that attaches and stays. */
async function startStaying({ pid }: Target) {
  const command = spawn(process.execPath, ['--import', 'tsx', STAYING, String(pid)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(command.stdout, 'data');
  return command;
}

/** Asserts that nothing is left of an attachment. */
async function assertUnharmed(target: Target): Promise<void> {
  await eventually(
    () => ports(target),
    (count) => count === 0,
  );
  assert.deepEqual([target.child.exitCode, target.child.signalCode], [null, null]);
  const lines = target
    .output()
    .stderr.split('\n')
    .filter((line) => line !== '' && !NOTICE.test(line));
  assert.deepEqual(lines, []);
}

for (const [major, node] of nodes()) {
  async function start(t: { after(fn: () => Promise<void>): void }, program: string, options: TargetOptions = {}) {
    const target = await startTarget(program, { node, ...options });
    t.after(target.kill);
    return target;
  }

  describe(`Node ${major}, again and again`, { skip: !hasProc() && 'no /proc' }, () => {
    test(`${ROUNDS} times in a row leaks nothing, also with a worker`, { timeout: 120_000 }, async (t) => {
      const target = await start(t, 'workers.mjs', { args: ['idle'] });
      const round = async () => {
        const inspected = await attach(target.pid);
        const recording = await recordWindow(inspected, { ...WINDOW, durationMs: 10 });
        // One that gets no processor in so short a time is told of.
        assert.equal(recording.threads.length + recording.notes.length, 2);
        await inspected.detach();
      };
      for (let index = 0; index < WARM_ROUNDS; index++) await round();
      const before = { descriptors: descriptors(target), threads: threads(target), residentKiB: residentKiB(target) };
      const ownBefore = readdirSync('/proc/self/fd').length;
      for (let index = 0; index < ROUNDS; index++) await round();
      await assertUnharmed(target);
      await eventually(
        () => [descriptors(target), threads(target), readdirSync('/proc/self/fd').length],
        ([fds = 0, tasks = 0, own = 0]) => fds <= before.descriptors && tasks <= before.threads && own <= ownBefore,
      );
      const grownKiB = residentKiB(target) - before.residentKiB;
      t.diagnostic(`${grownKiB} KiB more resident after ${ROUNDS} rounds`);
      assert.ok(grownKiB < 32 * 1024, `${grownKiB} KiB`);
    });

    test('a dozen at once have Node warn of nothing', async (t) => {
      const target = await start(t, 'idle.mjs');
      const told: string[] = [];
      const hear = ({ message }: Error) => void told.push(message);
      process.on('warning', hear);
      t.after(() => void process.off('warning', hear));
      const { signal } = new AbortController();
      // The first one opens the inspector.
      const first = await attach(target.pid, { signal });
      const others = await Promise.all(Array.from({ length: 11 }, () => attach(target.pid, { signal })));
      await Promise.all([first, ...others].map((inspected) => inspected.detach()));
      // Warnings come with the next turn.
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(told, []);
      await assertUnharmed(target);
    });
  });

  // Most of them wait for a process that sleeps.
  describe(`Node ${major}`, { skip: !hasProc() && 'no /proc', concurrency: 4 }, () => {
    for (const program of ['idle.mjs', 'idle.cjs', 'tight-loop.mjs']) {
      test(`${program} is profiled and goes on`, async (t) => {
        const target = await start(t, program);
        const before = threads(target);
        const inspected = await attach(target.pid);
        assert.deepEqual([inspected.way, inspected.title, inspected.mayEvaluate], ['inspector', program, true]);
        assert.match(inspected.nodeVersion, new RegExp(`^v${major}\\.`));
        const recording = await recordWindow(inspected, WINDOW);
        await inspected.detach();
        await inspected.detach();
        assert.deepEqual(recording.notes, []);
        assert.ok((recording.threads[0]?.profile.samples?.length ?? 0) > 0);
        await assertUnharmed(target);
        await eventually(
          () => threads(target),
          (count) => count === before,
        );
      });
    }

    test('a loop that is held while somebody was there opens no port when it turns', async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'loopsight-attach-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const target = await start(t, 'tight-for.mjs', { args: ['60000', join(folder, 'turn')] });
      const inspected = await attach(target.pid);
      await inspected.detach();
      assert.doesNotMatch(target.output().stdout, /turned/);
      writeFileSync(join(folder, 'turn'), '');
      await target.line(/^turned$/);
      await assertUnharmed(target);
    });

    test('of eight workers those that answer are profiled, and the one in execSync is named', async (t) => {
      const target = await start(t, 'workers.mjs');
      const inspected = await attach(target.pid);
      // Long enough for each of them to begin within it.
      const recording = await recordWindow(inspected, { ...WINDOW, durationMs: 3000 });
      await inspected.detach();
      assert.deepEqual(
        recording.threads.map(({ thread }) => thread),
        ['main', 'idle', 'idle', 'idle', 'loop', 'wait', 'busy', 'idle'],
      );
      assert.equal(recording.notes.length, 1);
      assert.match(recording.notes[0] ?? '', /^Nothing is known of exec \(worker 6\): /);
      await assertUnharmed(target);
    });

    test('a process that waits for a child is waited for', async (t) => {
      const target = await startWaiting({ node });
      t.after(target.kill);
      const told: string[] = [];
      const onWaiting = (sentence: string) => {
        told.push(sentence);
        target.goOn();
      };
      const inspected = await attach(target.pid, { onWaiting });
      await inspected.detach();
      assert.match(told.join('\n'), /^Process \d+ does not answer yet: its main thread sleeps .*child: \d+ \(\w+\)\.$/);
      await target.line(/^turned$/);
      await assertUnharmed(target);
    });

    test('and where nobody waits for it, nothing stays open when it goes on', async (t) => {
      const target = await startWaiting({ node });
      t.after(target.kill);
      await assert.rejects(attach(target.pid, { patienceMs: 300 }), Unanswered);
      target.goOn();
      await target.line(/^turned$/);
      await eventually(
        () => target.output().stderr,
        (text) => text.includes('Debugger attached'),
      );
      await assertUnharmed(target);
    });

    test('what the signal of a command that gave up has opened is closed, although it is found open', async (t) => {
      const target = await start(t, 'idle.mjs');
      const before = new Set(listeningOf(target.pid).map(({ inode }) => inode));
      process.kill(target.pid, 'SIGUSR1');
      await eventually(
        () => ports(target),
        (count) => count === 1,
      );
      const facts = readFacts(target.pid);
      assert.ok(facts !== undefined);
      const inspected = await attachInspector(facts, {}, () => NO_CLOSER, before);
      await inspected.detach();
      await assertUnharmed(target);
    });

    test('leaving while it is in a call closes the inspector afterwards', async (t) => {
      const target = await start(t, 'now-and-then.cjs', { args: ['2'] });
      const inspected = await attach(target.pid);
      target.child.kill('SIGUSR2');
      await target.line(/^blocked$/);
      await inspected.detach();
      await target.line(/^turned$/);
      await assertUnharmed(target);
    });

    test('a profiler that runs in a worker ends with the command', async (t) => {
      const target = await start(t, 'workers.mjs', { args: ['idle'] });
      const inspected = await attach(target.pid);
      const [, worker] = await inspected.threads();
      await worker?.connection.post('Profiler.enable');
      await worker?.connection.post('Profiler.start');
      assert.equal(profilers(target), 1);
      await inspected.detach();
      await eventually(
        () => profilers(target),
        (count) => count === 0,
      );
      await assertUnharmed(target);
    });

    for (const way of ['at any port', 'at a port that is known']) {
      test(`several at once share the inspector, and the last one closes it, ${way}`, async (t) => {
        const port = way === 'at any port' ? 0 : await freePort();
        const target = await start(t, 'idle.mjs', { execArgv: [`--inspect-port=${port}`] });
        const all = await Promise.all(Array.from({ length: 4 }, () => attach(target.pid)));
        await Promise.all(all.map((inspected) => inspected.detach()));
        await assertUnharmed(target);
        const [last, ...others] = await Promise.all(Array.from({ length: 3 }, () => attach(target.pid)));
        for (const other of others) await other.detach();
        assert.equal(ports(target), 1);
        assert.ok(last !== undefined);
        assert.deepEqual((await recordWindow(last, WINDOW)).notes, []);
        await last.detach();
        await assertUnharmed(target);
      });
    }

    test('one that ends without a farewell has somebody else close the inspector', async (t) => {
      const target = await start(t, 'idle.mjs');
      const run = await runNode(['--import', 'tsx', STAYING, String(target.pid), 'exit']);
      assert.deepEqual([run.code, run.stderr], [0, '']);
      assert.match(target.output().stderr, /Debugger attached/);
      await assertUnharmed(target);
    });

    test('one that is killed has somebody else close it as well', async (t) => {
      const target = await start(t, 'idle.mjs');
      const killed = await startStaying(target);
      assert.equal(ports(target), 1);
      killed.kill('SIGKILL');
      await assertUnharmed(target);
    });

    test('and where that one is killed as well, the next one closes it', async (t) => {
      const target = await start(t, 'idle.mjs');
      const killed = await startStaying(target);
      for (const pid of waiters(target)) process.kill(pid, 'SIGKILL');
      killed.kill('SIGKILL');
      await once(killed, 'exit');
      assert.equal(ports(target), 1);
      const inspected = await attach(target.pid);
      assert.equal(inspected.way, 'inspector');
      await inspected.detach();
      await assertUnharmed(target);
    });

    test('nobody waits any more for one that has left', async (t) => {
      const target = await start(t, 'idle.mjs');
      const inspected = await attach(target.pid);
      assert.equal(waiters(target).length, 1);
      await inspected.detach();
      assert.deepEqual(waiters(target), []);
    });

    test('so does one that was killed and whose parent does not notice', async (t) => {
      const target = await start(t, 'idle.mjs');
      const script = `"$0" --import tsx "$@" & echo $!; exec sleep 60`;
      const shell = spawn('sh', ['-c', script, process.execPath, STAYING, String(target.pid)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      t.after(() => shell.kill('SIGKILL'));
      const lines = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
      const pid = Number((await lines.next()).value);
      assert.equal((await lines.next()).value, 'attached');
      process.kill(pid, 'SIGKILL');
      await eventually(
        () => readFacts(pid)?.state,
        (state) => state === 'Z',
      );
      await (await attach(target.pid)).detach();
      await assertUnharmed(target);
    });

    test('an inspector that is open already is used and stays open', async (t) => {
      const target = await start(t, 'idle.mjs', { execArgv: ['--inspect=127.0.0.1:0'] });
      const inspected = await attach(target.pid);
      assert.equal(inspected.way, 'open-inspector');
      assert.deepEqual((await recordWindow(inspected, WINDOW)).notes, []);
      await inspected.detach();
      assert.equal(ports(target), 1);
      const again = await attach(target.pid);
      await again.detach();
      assert.equal(ports(target), 1);
      assert.equal(target.child.exitCode, null);
    });

    test('a process that ends meanwhile is told of', async (t) => {
      const target = await start(t, 'idle.mjs');
      const inspected = await attach(target.pid);
      const recording = recordWindow(inspected, { ...WINDOW, durationMs: 60_000 });
      await target.kill();
      await inspected.ended;
      const { threads: taken, notes } = await recording;
      assert.deepEqual(taken, []);
      assert.match(notes.join(), /ended/);
      await inspected.detach();
      await assert.rejects(attach(target.pid), CannotAttach);
    });
  });
}
