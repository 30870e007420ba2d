import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DumpedThread } from '../../src/dump/dump.js';
import { renderDump } from '../../src/dump/render.js';

const place = (name: string, file: string, line = 0, column = 0) => ({ function: name, file, line, column });
const thread = (given: Partial<DumpedThread>): DumpedThread => ({
  thread: 'main',
  threadId: 0,
  activity: 'idle',
  blockedMs: 0,
  stack: [],
  ...given,
});

const CASES: readonly [given: Partial<DumpedThread>, text: string][] = [
  [{}, 'Thread main: idle'],
  [{ thread: 'pool', threadId: 3 }, 'Thread pool (worker 3): idle'],
  [
    {
      activity: 'javascript',
      blockedMs: 5012,
      stack: [place('total', 'src/a.ts', 4, 7), place('<anonymous>', 'src/b.ts', 9, 1)],
    },
    'Thread main: running JavaScript; its loop has not turned for 5 s\n    at total (src/a.ts:4:7)\n    at <anonymous> (src/b.ts:9:1)',
  ],
  [
    { activity: 'wait', stack: [place('Atomics.wait', '')] },
    'Thread main: waiting in Atomics.wait\n    at Atomics.wait',
  ],
  [
    { activity: 'wait', blockedMs: 300, nobodyWakes: true },
    'Thread main: waiting in Atomics.wait; its loop has not turned for 300 ms\n    Nobody is about to wake it: every other thread is idle or waits as well.',
  ],
  [
    { activity: 'native', blockedMs: 2100, noStack: 'answer' },
    'Thread main: in a native call; its loop has not turned for 2.1 s\n    no stack: the thread does not answer before it goes on',
  ],
  [
    { activity: 'asleep', waitsIn: 'do_epoll_wait', noStack: 'answer' },
    'Thread main: asleep in a call to the system (do_epoll_wait)\n    no stack: the thread does not answer before it goes on',
  ],
  [
    { activity: 'turning', noStack: 'relay' },
    'Thread main: its loop turns\n    no stack: it is read through the main thread, which does not answer',
  ],
  [
    { activity: 'sync_io', stack: [place('readSync', 'node:fs', 9, 2)] },
    'Thread main: in a synchronous call to the system\n    at readSync (node:fs:9:2)',
  ],
  [
    { activity: 'javascript', stack: [place('a\nb\u001b[2J', 'c\u2028d', 1, 1)] },
    'Thread main: running JavaScript\n    at a b [2J (c d:1:1)',
  ],
  [
    {
      activity: 'javascript',
      stack: [place('total', 'a.ts', 4, 7), place('main', 'a.ts', 9, 1)],
      locals: [[{ name: 'sum', value: '7\u001b' }], []],
    },
    'Thread main: running JavaScript\n    at total (a.ts:4:7)\n        sum = 7 \n    at main (a.ts:9:1)',
  ],
  [
    {
      activity: 'asleep',
      noStack: 'answer',
      children: [
        { pid: 9, command: 'sh' },
        { pid: 10, command: 'sleep' },
      ],
    },
    'Thread main: asleep in a call to the system\n    no stack: the thread does not answer before it goes on\n    its children: 9 (sh), 10 (sleep)',
  ],
  [{ thread: 'two\nlines\u0007', threadId: 1 }, 'Thread two lines  (worker 1): idle'],
];

for (const [given, text] of CASES) {
  test(text.replaceAll('\n', ' | '), () => {
    const head = 'loopsight: the stacks of all threads of process 7 at 1970-01-01T00:00:01.000Z';
    assert.equal(renderDump({ pid: 7, unixMs: 1000, threads: [thread(given)] }), `${head}\n\n${text}\n`);
  });
}

test('the head says why, and threads stand apart', () => {
  const text = renderDump({
    pid: 7,
    unixMs: 0,
    reason: 'the loop of\nmain',
    threads: [thread({}), thread({ threadId: 2 })],
  });
  const [head, ...threads] = text.split('\n\n');
  assert.equal(head, 'loopsight: the stacks of all threads of process 7 at 1970-01-01T00:00:00.000Z: the loop of main');
  assert.deepEqual(threads, ['Thread main: idle', 'Thread main (worker 2): idle\n']);
});

test('notes come last', () => {
  const text = renderDump({ pid: 7, unixMs: 1000, threads: [thread({})], notes: ['One thing.', 'Two\u0007.'] });
  assert.match(text, /\n\nThread main: idle\n\nOne thing\.\n\nTwo \.\n$/);
});
