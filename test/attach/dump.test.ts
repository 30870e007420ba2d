// `loopsight dump` of programs that never heard of Loopsight, as it is run by hand.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { buildSync } from 'esbuild';
import { listeningOf } from '../../src/attach/listening.js';
import { hasProc, readFacts } from '../../src/attach/process-facts.js';
import type { Dump, DumpedThread } from '../../src/dump/dump.js';
import { eventually } from '../support/eventually.js';
import { root, runNode } from '../support/run-node.js';
import { nodes, startTarget, type Target, type TargetOptions } from '../support/target.js';
import { startWaiting } from './waiting.js';

const main = join(root, 'dist/esm/src/cli/main.js');
const SIGHUP_BIT = 1n << 0n;
const loopsight = (...args: readonly string[]) => runNode([main, ...args], { timeoutMs: 60_000 });

async function dumpOf(
  target: Target,
  ...args: readonly string[]
): Promise<{ dump: Dump; threads: Record<string, DumpedThread> }> {
  const { code, stdout, stderr } = await loopsight('dump', String(target.pid), '--wait', '1m', '--json', ...args);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  const dump = JSON.parse(stdout) as Dump;
  return { dump, threads: Object.fromEntries(dump.threads.map((thread) => [thread.thread, thread])) };
}

const names = (thread: DumpedThread | undefined) => thread?.stack.map((place) => place.function) ?? [];

// A thread that gets no processor for a second has no stack; the next dump has it.
const hasAnswered = ({ threads }: { threads: Record<string, DumpedThread> }) => threads.main?.noStack === undefined;

async function assertClosed(target: Target): Promise<void> {
  await eventually(
    () => listeningOf(target.pid).length,
    (count) => count === 0,
  );
  assert.equal(target.child.exitCode, null);
}

for (const [major, node] of nodes()) {
  describe(`loopsight dump on Node ${major}`, { skip: !hasProc() && 'no /proc', concurrency: 4 }, () => {
    async function start(t: TestContext, program: string, options: TargetOptions = {}): Promise<Target> {
      const target = await startTarget(program, { node, ...options });
      t.after(target.kill);
      return target;
    }

    test('an idle process', async (t) => {
      const target = await start(t, 'idle.mjs');
      const { code, stdout } = await loopsight('dump', String(target.pid), '--wait', '1m');
      assert.equal(code, 0);
      assert.match(stdout, /^loopsight: the stacks of all threads of process \d+ at .*\n\nThread main: idle\n$/);
      await assertClosed(target);
    });

    test('says where its output cannot be written', { skip: !existsSync('/dev/full') && 'no /dev/full' }, async (t) => {
      const target = await start(t, 'idle.mjs');
      for (const words of [['--help'], [String(target.pid), '--wait', '1m']]) {
        const full = openSync('/dev/full', 'w');
        const child = spawn(process.execPath, [main, 'dump', ...words], { stdio: ['ignore', full, 'pipe'] });
        closeSync(full);
        let said = '';
        child.stderr?.setEncoding('utf8').on('data', (text: string) => {
          said += text;
        });
        const [code] = await once(child, 'close');
        assert.deepEqual([code, said.split(': ', 1)[0]], [3, 'Standard output cannot be written']);
      }
      await assertClosed(target);
    });

    test('a loop without an end', async (t) => {
      const target = await start(t, 'tight-loop.mjs');
      const { threads } = await eventually(() => dumpOf(target), hasAnswered);
      assert.equal(threads.main?.activity, 'javascript');
      assert.ok(names(threads.main).includes('spinForever'), `${names(threads.main)}`);
      const place = threads.main?.stack.find((each) => each.function === 'spinForever');
      assert.equal(place?.file, 'test/attach/programs/tight-loop.mjs');
      await assertClosed(target);
    });

    test('the variables of each call', async (t) => {
      const target = await start(t, 'tight-for.mjs', { args: ['600000'] });
      const { threads } = await eventually(() => dumpOf(target, '--locals'), hasAnswered);
      const [variable] = threads.main?.locals?.[names(threads.main).indexOf('hold')] ?? [];
      assert.equal(variable?.name, 'endMs');
      assert.match(variable?.value ?? '', /^60\d{4}\./);
      const { stdout } = await eventually(
        () => loopsight('dump', String(target.pid), '--wait', '1m', '--locals'),
        (run) => run.stdout.includes('at hold '),
      );
      assert.match(stdout, /^ {4}at hold \(test\/attach\/programs\/tight-for\.mjs:\d+:\d+\)\n {8}endMs = 60\d{4}\./m);
      await assertClosed(target);
    });

    test('eight workers, of which three are blocked', async (t) => {
      const target = await start(t, 'workers.mjs');
      const { threads } = await eventually(
        () => dumpOf(target),
        ({ threads: { exec, ...others } }) =>
          exec?.children !== undefined && Object.values(others).every(({ noStack }) => noStack === undefined),
      );
      assert.deepEqual(Object.keys(threads), ['main', 'idle', 'loop', 'wait', 'exec', 'busy']);
      assert.equal(threads.main?.activity, 'idle');
      assert.deepEqual([threads.loop?.activity, names(threads.loop)[0]], ['javascript', 'spinInWorker']);
      assert.deepEqual(names(threads.wait).slice(0, 2), ['Atomics.wait', 'waitInWorker']);
      assert.equal(threads.exec?.noStack, 'answer');
      assert.match(threads.exec?.children?.[0]?.command ?? '', /^(?:sh|sleep)$/);
      await assertClosed(target);
    });

    test('a process that waits for a child, and what it runs when it goes on', async (t) => {
      const target = await startWaiting({ node });
      t.after(target.kill);
      const { dump, threads } = await dumpOf(target, '--wait', '1s');
      assert.equal(threads.main?.noStack, 'answer');
      assert.equal(threads.main?.children?.length, 1);
      assert.match(dump.notes?.join() ?? '', /--wait waits for that/);
      // Asked again while the first one is still to be taken back.
      const next = dumpOf(target, '--wait', '1m');
      setTimeout(target.goOn, 1000);
      const { threads: later } = await next;
      assert.ok(later.main !== undefined && later.main.noStack === undefined);
      await target.line(/^turned$/);
      await assertClosed(target);
    });

    test('sources of a bundle are named as they were', async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'loopsight-bundle-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      writeFileSync(join(folder, 'package.json'), '{"name":"shop"}');
      const source = `export function computeTotals(prices: readonly number[]): number {
        let total = 0;
        for (;;) for (const price of prices) total += price;
      }
      console.log('ready');
      setTimeout(() => computeTotals([1, 2, 3]), 50);`;
      const [entry, outfile] = [join(folder, 'totals.ts'), join(folder, 'dist/app.cjs')];
      writeFileSync(entry, source);
      buildSync({ entryPoints: [entry], outfile, bundle: true, minify: true, sourcemap: true, platform: 'node' });
      const target = await start(t, outfile);
      const { threads } = await eventually(
        () => dumpOf(target),
        (seen) => seen.threads.main?.activity === 'javascript',
      );
      const [leaf] = threads.main?.stack ?? [];
      assert.deepEqual([leaf?.function, leaf?.file, leaf?.line], ['computeTotals', 'totals.ts', 3]);
    });

    test('Ctrl-C while it waits takes everything back', async (t) => {
      const target = await startWaiting({ node });
      t.after(target.kill);
      const child = spawn(process.execPath, [main, 'dump', String(target.pid), '--wait', '1m'], { stdio: 'ignore' });
      // By then it has taken the signals over, also SIGHUP.
      await target.signalled();
      assert.ok(((readFacts(child.pid ?? 0)?.caught ?? 0n) & SIGHUP_BIT) !== 0n);
      child.kill('SIGINT');
      const [code] = (await once(child, 'exit')) as [number];
      assert.equal(code, 130);
      target.goOn();
      await target.line(/^turned$/);
      await eventually(
        () => target.output().stderr,
        (text) => text.includes('Debugger attached'),
      );
      await assertClosed(target);
    });
  });
}
