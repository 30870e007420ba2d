// A queue that nobody holds any more disappears from the metrics; this needs a process that can ask for a collection.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const root = pathToFileURL(`${import.meta.dirname}/../../`);
const PROGRAM = `
  import { setImmediate } from 'node:timers/promises';
  import { monitorQueue, queueMonitor, queuesMonitor } from '${new URL('instrumentations/queues/index.ts', root)}';
  import { systemClock } from '${new URL('src/clock.ts', root)}';
  import { createStore } from '${new URL('src/recorder/store.ts', root)}';
  import { sharedState } from '${new URL('src/shared-state.ts', root)}';
  import { readStore } from '${new URL('test/support/read-store.ts', root)}';
  const store = createStore({ clock: systemClock, report: console.error });
  queuesMonitor.start({ recorder: store, clock: systemClock, shared: false, report: console.error });
  const names = () => [...new Set(Object.keys(readStore(store)).map((key) => /queue.name=([^,]+)/.exec(key)[1]))].sort();

  const handles = [];
  const kept = [1];
  let task;
  (function begin() {
    handles.push(monitorQueue([1, 2], { name: 'gone' }));
    const captured = { tasks: [1] };
    handles.push(monitorQueue(captured, { name: 'captured by its own function', depth: () => captured.tasks.length }));
    monitorQueue(kept, { name: 'kept' });
    queueMonitor('home-made').added();
    task = queueMonitor('held by a task').added();
  })();
  const before = names();
  for (let round = 0; round < 1000 && sharedState().queues.size > 2; round++) {
    gc();
    await setImmediate();
  }
  console.log(JSON.stringify({ before, after: names(), registered: sharedState().queues.size, handles: handles.length }));
  task.finished();
  kept.push(2);
`;

test('queues that were garbage-collected leave the metrics, held ones stay', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', '--input-type=module', '--eval', PROGRAM],
    { cwd: root, timeout: 60_000, killSignal: 'SIGKILL' },
  );
  assert.deepEqual(JSON.parse(stdout), {
    before: ['captured by its own function', 'gone', 'held by a task', 'home-made', 'kept'],
    after: ['held by a task', 'kept'],
    registered: 2,
    handles: 2,
  });
});
