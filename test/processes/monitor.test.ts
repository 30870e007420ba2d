// Child processes of every kind, started by a real program.
import assert from 'node:assert/strict';
import { type ChildProcess, exec, execFile, execFileSync, fork, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { processesMonitor } from '../../instrumentations/processes/index.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';

const SCRIPT = join(import.meta.dirname, 'fixtures', 'child.mjs');
const NAME = 'test/processes/fixtures/child.mjs';

const running = (name: string) => `loopsight.child_processes{child_process.name=${name}}`;
const exits = (name: string, code: string) =>
  `loopsight.child_process.exits{child_process.name=${name},exit.code=${code}}`;
const ended = (name: string, what: 'count' | 'sum') =>
  `loopsight.child_process.duration.${what}{child_process.name=${name}}`;

function watch(t: TestContext) {
  const recorder = createStore({ clock: systemClock, report: rethrow });
  const monitor = processesMonitor.start({ recorder, clock: systemClock, shared: false, report: rethrow });
  const children: ChildProcess[] = [];
  t.after(() => {
    monitor.stop();
    for (const child of children) child.kill('SIGKILL');
  });
  return {
    monitor,
    read: () => readStore(recorder),
    begin<C extends ChildProcess>(child: C): C {
      children.push(child);
      return child;
    },
  };
}

test('a pool of processes is one group: how many run, for how long, and how they ended', async (t) => {
  const { begin, read } = watch(t);
  assert.deepEqual(read(), {});
  const beginMs = performance.now();
  const pool = Array.from({ length: 4 }, () => begin(fork(SCRIPT, ['secret'], { execArgv: [] })));
  const startedMs = performance.now();
  await Promise.all(pool.map((child) => once(child, 'message')));
  assert.equal(read()[running(NAME)], 4);
  assert.equal(read()[exits(NAME, '0')], 0);

  const gone = pool.map((child) => once(child, 'exit'));
  const endMs = performance.now();
  pool[0]?.send(0);
  pool[1]?.send(7);
  pool[2]?.kill('SIGTERM');
  await Promise.all(gone.slice(0, 3));
  const values = read();
  assert.equal(values[running(NAME)], 1);
  assert.deepEqual(
    [exits(NAME, '0'), exits(NAME, '1'), exits(NAME, '7'), exits(NAME, 'SIGTERM')].map((key) => values[key]),
    [1, 0, 1, 1],
  );
  assert.equal(values[ended(NAME, 'count')], 3);
  const sum = Number(values[ended(NAME, 'sum')]);
  assert.ok(sum >= (3 * (endMs - startedMs)) / 1000 - 0.01, `${sum} s`);
  assert.ok(sum <= (3 * (performance.now() - beginMs)) / 1000 + 0.01, `${sum} s`);
});

for (const [name, program, start] of [
  ['spawn', 'true', () => spawn('true')],
  ['execFile', 'true', () => execFile('true')],
  ['exec', 'sh', () => exec('exit 0')],
] as const) {
  test(`${name} is seen`, async (t) => {
    const { begin, read } = watch(t);
    await once(begin(start()), 'exit');
    assert.deepEqual([read()[running(program)], read()[exits(program, '0')]], [0, 1]);
  });
}

test('a program that cannot be started is counted by its error, and never runs', async (t) => {
  const { read } = watch(t);
  await assert.rejects(promisify(execFile)('loopsight-no-such-program'), { code: 'ENOENT' });
  const values = read();
  assert.equal(values[exits('loopsight-no-such-program', 'ENOENT')], 1);
  assert.equal(values[running('loopsight-no-such-program')], 0);
  assert.equal(values[ended('loopsight-no-such-program', 'count')], 0);
});

test('nobody but the application listens for errors, which would be thrown otherwise', async (t) => {
  const { begin } = watch(t);
  const child = begin(spawn('loopsight-no-such-program'));
  const listening = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(child.listenerCount('error')));
  });
  assert.equal(listening, 1);
});

test('a child whose listeners are all removed is found to be gone', async (t) => {
  const { begin, read } = watch(t);
  const child = begin(spawn('true'));
  await once(child, 'spawn');
  child.removeAllListeners();
  await once(child, 'exit');
  assert.deepEqual([read()[running('true')], read()[exits('true', '0')]], [0, 1]);
});

test('synchronous children and what others publish are no children', async (t) => {
  const { read } = watch(t);
  execFileSync('true');
  const { channel } = await import('node:diagnostics_channel');
  for (const message of [undefined, {}, { process: 7 }, { process: new EventEmitter() }]) {
    channel('child_process').publish(message);
  }
  await setImmediate();
  assert.deepEqual(read(), {});
});

test('after stop nothing is left, on the children neither', async (t) => {
  const { monitor, begin, read } = watch(t);
  const child = begin(fork(SCRIPT, [], { execArgv: [] }));
  await once(child, 'message');
  assert.equal(child.listenerCount('exit'), 1);
  monitor.stop();
  monitor.stop();
  assert.equal(child.listenerCount('exit'), 0);
  begin(spawn('true'));
  await setImmediate();
  assert.deepEqual(read(), {});
});
