// A pool or client that nobody holds any more leaves the metrics; this needs a process that can ask for a collection.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const root = pathToFileURL(`${import.meta.dirname}/../../../`);
const PROGRAM = `
  import { setImmediate } from 'node:timers/promises';
  import { connectionsMonitor } from '${new URL('instrumentations/connections/index.ts', root)}';
  import { clientQueue } from '${new URL('instrumentations/connections/db/client-queue.ts', root)}';
  import { systemClock } from '${new URL('src/clock.ts', root)}';
  import { createStore } from '${new URL('src/recorder/store.ts', root)}';
  import { sharedState } from '${new URL('src/shared-state.ts', root)}';
  import { createRequire } from 'node:module';
  import { readStore } from '${new URL('test/support/read-store.ts', root)}';
  const store = createStore({ clock: systemClock, report: console.error });
  connectionsMonitor.start({ recorder: store, clock: systemClock, shared: false, report: console.error });
  const limits = () => Object.entries(readStore(store)).filter(([name]) => name.includes('.limit')).map(([, limit]) => limit);

  const require = createRequire('${new URL('test/libraries/package.json', root)}');
  const { createPool } = require('generic-pool');
  const { Pool } = require('pg');
  const factory = { create: async () => ({}), destroy: async () => {} };
  const kept = createPool(factory, { max: 4 });
  await (async function begin() {
    const gone = createPool(factory, { max: 3 });
    await gone.release(await gone.acquire());
    await kept.release(await kept.acquire());
    await new Pool({ host: '127.0.0.1', port: 1, max: 5, database: 'nowhere' }).connect().catch(() => {});
    clientQueue({}, () => ({ type: 'redis', name: 'gone' }));
  })();
  const before = limits();
  const state = sharedState();
  for (let round = 0; round < 1000 && state.pools.size + state.queues.size > 1; round++) {
    gc();
    await setImmediate();
  }
  console.log(JSON.stringify({ before, after: limits(), pools: state.pools.size, queues: state.queues.size }));
  await kept.drain();
`;

test('pools and clients that were garbage-collected leave the metrics, held ones stay', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', '--input-type=module', '--eval', PROGRAM],
    { cwd: root, timeout: 60_000, killSignal: 'SIGKILL' },
  );
  // Limits of the kept pool, of the one that nobody held, and of that of pg.
  assert.deepEqual(JSON.parse(stdout), { before: [4, 3, 5], after: [4], pools: 1, queues: 0 });
});
