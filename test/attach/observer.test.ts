// Looking into a process that runs with Loopsight: through its observer's socket, without the inspector's port.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { attach } from '../../src/attach/attach.js';
import { listeningOf } from '../../src/attach/listening.js';
import { hasProc } from '../../src/attach/process-facts.js';
import { recordWindow } from '../../src/attach/record-window.js';
import type { Dump } from '../../src/dump/dump.js';
import { dump, startHeld } from '../stalls/held-program.js';

describe('a process with Loopsight', { skip: !hasProc() && 'no /proc' }, () => {
  test('is profiled through its socket, also while it is held, and opens no port', async (t) => {
    const program = await startHeld(t);
    const ports = listeningOf(program.pid).length;
    const before = process.env.XDG_RUNTIME_DIR;
    process.env.XDG_RUNTIME_DIR = join(program.folder, 'run');
    t.after(() => {
      if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
      else process.env.XDG_RUNTIME_DIR = before;
    });
    await program.get('/livez');
    await program.hold('loop', 60_000);
    const inspected = await attach(program.pid);
    assert.deepEqual(
      [inspected.way, inspected.mayEvaluate, inspected.nodeVersion],
      ['observer', false, process.version],
    );
    const { threads, notes } = await recordWindow(inspected, { durationMs: 2000, intervalUs: 1000, threads: 'all' });
    await inspected.detach();
    assert.deepEqual(notes, []);
    assert.deepEqual(
      threads.map(({ thread }) => thread),
      ['main', 'helper'],
    );
    assert.ok(threads[0]?.profile.nodes.some(({ callFrame }) => callFrame.url.endsWith('held-threads.mjs')));
    assert.equal(listeningOf(program.pid).length, ports);
    assert.doesNotMatch(program.stderr(), /Debugger/);
  });

  test('shows its variables on request, by the same way', async (t) => {
    const program = await startHeld(t);
    await program.get('/livez');
    await program.hold('loop', 60_000);
    const run = await dump(program, String(program.pid), '--locals', '--json');
    assert.equal(run.code, 0, run.stderr);
    const { threads } = JSON.parse(run.stdout) as Dump;
    const [main, helper] = threads;
    const at = main?.stack.findIndex(({ function: name }) => name === 'computeTotals') ?? -1;
    assert.ok((main?.locals?.[at]?.length ?? 0) > 0, run.stdout);
    assert.equal(helper?.thread, 'helper');
    assert.doesNotMatch(program.stderr(), /Debugger/);
  });
});
