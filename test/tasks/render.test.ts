// Tasks as people read them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { renderTasks } from '../../src/tasks/render.js';
import type { Task, Tasks } from '../../src/tasks/task.js';

const EMPTY: Tasks = { pid: 4711, unixMs: 0, isOn: true, blockedMs: 0, tasks: [], hidden: 0 };

function task(given: Partial<Task>): Task {
  return {
    id: 1024,
    name: 'load',
    state: 'waiting',
    ageMs: 100,
    inStateMs: 50,
    isMeasured: true,
    ownMs: 10,
    othersMs: 20,
    idleMs: 70,
    lints: [],
    ...given,
  };
}

test('a table, with what is odd below each task', () => {
  const tasks = [
    task({ ageMs: 12_000, idleMs: 11_970, lints: ['lost'], parent: { name: 'handle', endedMs: 11_000 } }),
    {
      ...task({ id: 2049, name: 'count', state: 'pending', isMeasured: false, parent: { id: 1024, name: 'load' } }),
      othersMs: undefined,
      idleMs: undefined,
    } as unknown as Task,
    task({
      id: 3,
      name: 'poll',
      offloadedMs: 5,
      wakes: { all: 60, own: 59 },
      lints: ['busy_yielding'],
      where: { function: 'poll', file: 'src/poll.ts', line: 4, column: 2 },
    }),
    task({ id: 4, name: 'render', state: 'running', ageMs: 4200, inStateMs: 4200, lints: ['never_yielded'] }),
  ];
  assert.equal(
    renderTasks({ ...EMPTY, blockedMs: 4200, tasks, hidden: 1 }),
    `loopsight: 5 tasks of process 4711 at 1970-01-01T00:00:00.000Z; the oldest is 12 s old
The main loop has not turned for 4.2 s.
1 task of them found no room and cannot be shown.
Something is odd about 3 tasks.

  id    age     state    own      others  idle   task
  1024  12 s    waiting  10 ms    20 ms   12 s   load ← handle (ended 11 s ago)
      odd: it is still pending 11 s after handle, which made it, has ended
  3     100 ms  waiting  10 ms    20 ms   70 ms  poll (5 ms offloaded)
      waits in poll (src/poll.ts:4)
      odd: of its 60 wake-ups, 59 were by itself: it yields and does not wait
  4     4.2 s   running  10 ms    20 ms   70 ms  render
      odd: it has run for 4.2 s without yielding, and everybody waits for it
  2049  100 ms  pending  ≥ 10 ms  ?       ?      count ← load #1024
`,
  );
});

test('the example of the docs is what it shows', () => {
  const unknown = { isMeasured: false, othersMs: undefined } as unknown as Partial<Task>;
  const tasks = [
    task({
      ...unknown,
      id: 2051,
      name: 'audit.write',
      state: 'pending',
      ageMs: 31_000,
      ownMs: 1,
      idleMs: 28_400,
      parent: { name: 'orders.place', endedMs: 30_000 },
      lints: ['lost'],
    }),
    task({ id: 3077, name: 'hosts.load', ageMs: 2600, ownMs: 3, othersMs: 2107, idleMs: 490, where: WHERE }),
    task({ ...unknown, ...BLOCKING, id: 1038, name: 'GET /reports/:id', ageMs: 2110, ownMs: 2110, inStateMs: 2110 }),
    task({ ...unknown, ...BLOCKING, id: 1039, name: 'reports.render', parent: { id: 1038, name: 'GET /reports/:id' } }),
  ];
  const text = renderTasks({ ...EMPTY, unixMs: Date.UTC(2026, 10, 21, 5, 56, 34, 703), blockedMs: 2100, tasks });
  assert.ok(readFileSync('docs/tasks.md', 'utf8').includes(text), text);
});

const WHERE = { function: 'loadHosts', file: 'src/hosts.ts', line: 41, column: 9 };
const BLOCKING: Partial<Task> = {
  state: 'running',
  ageMs: 2100,
  inStateMs: 2100,
  ownMs: 2100,
  idleMs: 0,
  lints: ['never_yielded'],
};

test('no task is a sentence', () => {
  assert.equal(renderTasks(EMPTY), 'loopsight: 0 tasks of process 4711 at 1970-01-01T00:00:00.000Z\n');
  assert.match(renderTasks({ ...EMPTY, isOn: false }), /\nTraced calls are not followed in this process\.\n$/);
});

test('names cannot break a line or reach the terminal', () => {
  const text = renderTasks({
    ...EMPTY,
    tasks: [task({ name: 'a\nb\u001b[2J', parent: { id: 1, name: 'c\rd' } })],
  });
  assert.match(text, /a b \[2J ← c d #1\n$/);
});

test('of many tasks a person sees a hundred, the odd ones among them', () => {
  const tasks = Array.from({ length: 150 }, (_, index) => task({ id: index, name: `task ${index}` }));
  tasks.push(task({ name: 'odd one', lints: ['lost'], parent: { name: 'gone', endedMs: 20_000 } }));
  const text = renderTasks({ ...EMPTY, tasks });
  assert.match(text, / {2}odd one ← gone/);
  assert.match(text, /and 51 younger ones\n$/);
});

test('of more than a few it says first which they are', () => {
  const tasks = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].flatMap((name, index) =>
    Array.from({ length: 10 - index }, () => task({ name })),
  );
  assert.match(renderTasks({ ...EMPTY, tasks }), /^They are 10 a, 9 b, 8 c, 7 d, 6 e, 9 others\.$/m);
  assert.doesNotMatch(renderTasks({ ...EMPTY, tasks: tasks.slice(0, 20) }), /They are/);
});

test('where they wait may not be known', () => {
  const said = (noPlaces: 'held' | 'off') => renderTasks({ ...EMPTY, tasks: [task({})], noPlaces });
  assert.match(said('held'), /^Where they wait could not be noted: the main loop does not turn\.$/m);
  assert.match(said('off'), /^Where they wait could not be noted: calls are not measured in that process\.$/m);
});
