// Every collection of a batch is counted, and the observer keeps nothing alive.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

// The collections happen in one synchronous stretch, so that V8 reports them in one batch.
const PROGRAM = `
  import { createGarbageCollectionMonitor } from './instrumentations/garbage-collection/index.js';
  import { systemClock } from './src/clock.js';
  import { createStore } from './src/recorder/store.js';
  import { readStore } from './test/support/read-store.js';
  const report = (...failure) => { throw failure; };
  const recorder = createStore({ clock: systemClock, report });
  const monitor = createGarbageCollectionMonitor().start({ recorder, clock: systemClock, shared: false, report });
  for (let round = 0; round < 5; round++) globalThis.gc();
  for (let round = 0; round < 7; round++) globalThis.gc({ type: 'minor' });
  process.on('exit', () => {
    const figures = readStore(recorder);
    monitor.stop();
    monitor.stop();
    console.log(JSON.stringify({ figures, afterStop: readStore(recorder) }));
  });
  // The entries arrive in a later turn; the timer waits for them and for nothing else.
  const isTold = (type, least) =>
    (readStore(recorder)['v8js.gc.duration.count{thread.name=main,v8js.gc.type=' + type + '}'] ?? 0) >= least;
  const endMs = performance.now() + 20_000;
  const waiting = setInterval(() => {
    if ((isTold('major', 5) && isTold('minor', 7)) || performance.now() > endMs) clearInterval(waiting);
  }, 5);
`;

test('all collections of a batch are recorded by type, and the process ends by itself', () => {
  const child = spawnSync(process.execPath, ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', PROGRAM], {
    cwd: join(import.meta.dirname, '..', '..'),
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(child.status, 0, child.stderr);
  const { figures, afterStop } = JSON.parse(child.stdout) as Record<string, Record<string, number>>;
  const labels = (type: string) => `{thread.name=main,v8js.gc.type=${type}}`;
  assert.ok((figures?.[`v8js.gc.duration.count${labels('major')}`] ?? 0) >= 5, child.stdout);
  assert.ok((figures?.[`v8js.gc.duration.count${labels('minor')}`] ?? 0) >= 7, child.stdout);
  const seconds = figures?.[`v8js.gc.duration.sum${labels('major')}`] ?? 0;
  assert.ok(seconds > 0 && seconds < 5, `${seconds} s of major collections`);
  assert.deepEqual(afterStop, {});
});
