// The handler without a server around it that is ours: before the start, after the stop, and when more ask than it answers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type Server } from 'node:http';
import { type TestContext, test } from 'node:test';
import { SERVER_LIMITS } from '../../src/access/limits.js';
import { metricsHandler } from '../../src/mount/metrics-handler.js';
import { SeriesTable } from '../../src/prometheus/snapshot.js';
import { sharedState } from '../../src/shared-state.js';
import { start } from '../../src/start.js';

async function mount(t: TestContext): Promise<string> {
  const handler = metricsHandler();
  const server: Server = createServer((request, response) => void handler(request, response));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

test('answers 503 while no Loopsight runs, and the metrics while one does', async (t) => {
  const url = await mount(t);
  const status = async () => (await fetch(url)).status;
  assert.equal(await status(), 503);
  for (let i = 0; i < 2; i++) {
    const loopsight = start({ endpoint: false, observer: false, log: false });
    const response = await fetch(url);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /^loopsight_eventloop_lag_seconds_count/m);
    await loopsight.stop();
    assert.equal(await status(), 503);
  }
});

test('refuses other methods', async (t) => {
  const response = await fetch(await mount(t), { method: 'POST', body: 'x' });
  assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD']);
});

test('the rules of each start are those that count', async (t) => {
  const url = await mount(t);
  for (const token of ['one', 'two']) {
    const loopsight = start({ endpoint: false, observer: false, log: false, token });
    const statuses = await Promise.all(
      ['one', 'two'].map(async (shown) => (await fetch(url, { headers: { authorization: `Bearer ${shown}` } })).status),
    );
    assert.deepEqual(statuses, token === 'one' ? [200, 401] : [401, 200]);
    await loopsight.stop();
  }
});

test('answers eight at a time', async (t) => {
  const url = await mount(t);
  const loopsight = start({ endpoint: false, observer: false, log: false });
  t.after(() => loopsight.stop());
  const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(url)));
  const statuses = new Set(answers.map(({ status }) => status));
  assert.ok(statuses.has(200));
  assert.deepEqual(
    [...statuses].filter((status) => status !== 200 && status !== 503),
    [],
  );
  await Promise.all(answers.map((answer) => answer.text()));
  assert.equal((await fetch(url)).status, 200);
});

/** Has `table` be all that a running Loopsight measures. */
function show(t: TestContext, table: () => SeriesTable): void {
  const state = sharedState();
  state.figures = { read: async () => ({ tables: [table()], constantLabels: {}, resource: {} }), close() {} };
  t.after(() => {
    state.figures = undefined;
  });
}

test('what cannot be written is 500, and nobody waits for it', async (t) => {
  const broken = new SeriesTable();
  const family = { name: 'a', unit: '', kind: 'counter', description: '' } as const;
  const added = [{ id: 0, family, attributes: [], offset: 0, startUnixMs: 0 }];
  broken.apply({ unixMs: 0, added, removed: [], values: new Float64Array(1) });
  // Exemplars are read when their series is written, after the answer was decided upon.
  broken.exemplarsOf = () => assert.fail('broken');
  show(t, () => broken);
  const headers = { accept: 'application/openmetrics-text; version=1.0.0' };
  const { status } = await fetch(await mount(t), { headers, signal: AbortSignal.timeout(30_000) });
  assert.equal(status, 500);
});

test('clients that do not read are cut off, and leave room for others', { timeout: 120_000 }, async (t) => {
  const table = new SeriesTable();
  const family = { name: 'a', unit: '', kind: 'gauge', description: 'x'.repeat(100) } as const;
  const added = Array.from({ length: 100_000 }, (_, id) => ({
    id,
    family,
    attributes: [['long', `${id}${'x'.repeat(200)}`]] as [string, string][],
    offset: id,
    startUnixMs: 0,
  }));
  table.apply({ unixMs: 0, added, removed: [], values: new Float64Array(added.length), exemplars: [] });
  show(t, () => table);
  const url = await mount(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const idle = Array.from({ length: SERVER_LIMITS.maxAnswers }, () =>
    get(url, { agent: false }, (response) => response.on('error', () => {}).pause()).on('error', () => {}),
  );
  t.after(() => {
    for (const request of idle) request.destroy();
  });
  const status = () =>
    new Promise<number | undefined>((resolve, reject) => {
      get(url, { agent: false }, (response) => {
        response.destroy();
        resolve(response.statusCode);
      }).on('error', reject);
    });
  // Before anybody else asks: who came in between would take the place of one of them.
  await Promise.all(idle.map((request) => once(request, 'response')));
  while ((await status()) !== 503);
  t.mock.timers.tick(SERVER_LIMITS.answerMs);
  while ((await status()) !== 200);
});
