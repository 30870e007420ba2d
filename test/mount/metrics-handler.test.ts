// The handler without a server around it that is ours: before the start, after the stop, and when more ask than it answers.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type TestContext, test } from 'node:test';
import { metricsHandler } from '../../src/mount/metrics-handler.js';
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
