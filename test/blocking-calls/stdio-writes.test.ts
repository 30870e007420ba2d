// The writes of the standard streams are wrapped once the application asks for a stream, and put back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchStdioWrites } from '../../instrumentations/blocking-calls/stdio-writes.js';
import { rethrow } from '../support/read-store.js';
import { runNode } from '../support/run-node.js';

const getterOf = (name: 'stdout' | 'stderr') => Object.getOwnPropertyDescriptor(process, name)?.get;

test('writes go through the wrapper, and the stream is what it was', () => {
  const before = [getterOf('stdout'), getterOf('stderr')];
  const labels: string[] = [];
  const writes = watchStdioWrites({
    report: rethrow,
    wrap: (original, label) =>
      function (this: unknown, ...args) {
        labels.push(label);
        return Reflect.apply(original, this, args);
      },
  });
  assert.notEqual(getterOf('stderr'), before[1]);
  assert.equal(getterOf('stderr')?.name, before[1]?.name);
  const { stderr } = process;
  assert.equal(process.stderr, stderr);
  const { write } = stderr;
  stderr.write('');
  assert.equal(stderr.write, write, 'what many replace is left alone');
  assert.equal(Object.hasOwn(stderr, 'write'), false);
  assert.deepEqual(Object.keys(stderr).includes('_write'), false);
  assert.deepEqual([...new Set(labels)], ['process.stderr.write']);
  const count = labels.length;
  writes.stop();
  writes.stop();
  assert.equal(Object.hasOwn(stderr, '_write'), false);
  stderr.write('');
  assert.equal(labels.length, count);
  assert.deepEqual([getterOf('stdout'), getterOf('stderr')], before);
});

test('who wrapped the writes after us keeps what they have', () => {
  const { stdout } = process;
  const writes = watchStdioWrites({ report: rethrow, wrap: (original) => original.bind(undefined) });
  assert.equal(process.stdout, stdout);
  const theirs = () => undefined;
  Object.defineProperty(stdout, '_write', { value: theirs, configurable: true, writable: true });
  writes.stop();
  assert.equal(Reflect.get(stdout, '_write'), theirs);
  Reflect.deleteProperty(stdout, '_write');
});

test('a stream that the application does not use is not made', async () => {
  const program = `
    import { start } from 'loopsight';
    import { writeSync } from 'node:fs';
    const { get, ...rest } = Object.getOwnPropertyDescriptor(process, 'stdout');
    let isMade = false;
    Object.defineProperty(process, 'stdout', { ...rest, get() { isMade = true; return get.call(this); } });
    const loopsight = start({ log: false, port: 0 });
    await loopsight.endpoint;
    await loopsight.stop();
    writeSync(1, String(isMade));
  `;
  const { stdout, stderr } = await runNode(['--no-warnings', '--input-type=module', '--eval', program]);
  assert.equal(stdout, 'false', stderr);
});
