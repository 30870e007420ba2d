// Which waits are those of a package for work, and that Atomics.wait stays what it is.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { watchTaskWaits } from '../../instrumentations/worker-threads/task-waits.js';

const SOURCE = `module.exports = (array, index = 0) => Atomics.wait(array, index, 0, 1);`;

function loadPackage(t: { after(undo: () => void): void }): (array: Int32Array, index?: number) => string {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-waits-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules/some-pool'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/some-pool/index.js'), SOURCE);
  return createRequire(join(folder, 'app.js'))('some-pool') as (array: Int32Array, index?: number) => string;
}

const shared = () => new Int32Array(new SharedArrayBuffer(8));

// What calls back from Node alone, with nobody of the application on the stack.
function fromNode(act: () => unknown): Promise<unknown> {
  return new Promise((resolve) => setTimeout((run: () => unknown) => resolve(run()), 1, act));
}

test('a wait of a package with nobody of the application on the stack is told of, with its end', async (t) => {
  const wait = loadPackage(t);
  const told: string[] = [];
  const begun = () => {
    told.push('begun');
    return true;
  };
  const undo = watchTaskWaits({ begun, over: () => told.push('over') });
  t.after(undo);
  const array = shared();
  setTimeout(wait, 1, array);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(told.splice(0), ['begun', 'over']);
  // The same place is that of the pool, whoever asks next; another one is another's.
  wait(array);
  assert.deepEqual(told.splice(0), ['begun', 'over']);
  wait(array, 1);
  await fromNode(() => wait(shared()));
  assert.deepEqual(told, [], 'the application waits, through a package');
});

test('Atomics.wait stays what it is, whatever those do who are told, and is put back', (t) => {
  const wait = loadPackage(t);
  const { wait: original } = Atomics;
  const properties = Object.getOwnPropertyDescriptors(original);
  const property = Object.getOwnPropertyDescriptor(Atomics, 'wait');
  const fail = () => {
    throw new Error('not for the program');
  };
  const undo = watchTaskWaits({ begun: fail, over: fail });
  t.after(undo);
  assert.notEqual(Atomics.wait, original);
  assert.deepEqual(Object.getOwnPropertyDescriptors(Atomics.wait), properties);
  assert.deepEqual(Object.getOwnPropertyDescriptor(Atomics, 'wait'), { ...property, value: Atomics.wait });
  const array = shared();
  assert.equal(Atomics.wait(array, 0, 1), 'not-equal');
  assert.equal(Atomics.wait(array, 0, 0, 1), 'timed-out');
  assert.equal(wait(array), 'timed-out');
  for (const args of [[], [new Int32Array(2), 0, 0], [array, 9, 0], [new Float64Array(1), 0, 0]] as const) {
    const call = (one: unknown) => () => Reflect.apply(one as () => unknown, Atomics, args);
    const error = (() => {
      try {
        call(original)();
      } catch (thrown) {
        return thrown as Error;
      }
      return assert.fail('the original throws');
    })();
    assert.throws(call(Atomics.wait), { name: error.name, message: error.message });
  }
  undo();
  assert.equal(Atomics.wait, original);
});
