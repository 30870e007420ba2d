// Requests of fetch and of undici: Node's own copy and the packages, under the Node that runs the test.
import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { dispatcherKind } from '../../../instrumentations/connections/http/dispatchers.js';
import { holdRequests, monitorClients, of, queueOf, requireLibrary, tasksOf } from './set-up.js';

const ACTIVE = 'http.client.active_requests';
const DURATION = 'http.client.request.duration.count';
const OPEN = 'http.client.open_connections';
const CONNECTION = 'http.client.connection.duration.count';

interface Answer {
  readonly statusCode: number;
  readonly body: { text(): Promise<string>; dump(): Promise<void> };
}

interface Dispatcher {
  request(options: object): Promise<Answer>;
  close(): Promise<void>;
  destroy(): Promise<void>;
}

interface Undici {
  readonly Pool: new (origin: string, options?: object) => Dispatcher;
  readonly Client: new (origin: string, options?: object) => Dispatcher;
  readonly Agent: new (options?: object) => Dispatcher;
  readonly request: (url: string, options?: object) => Promise<Answer>;
}

const nodeMajor = Number(process.versions.node.split('.')[0]);
// undici 8 needs Node 22.
const packages = nodeMajor >= 22 ? ['undici', 'undici-7'] : ['undici-7'];

test('fetch: in flight, connection, duration', async (t) => {
  const monitor = monitorClients(t);
  const server = await holdRequests(t);
  const { port } = server;
  const answers = [fetch(`${server.url}/secret?token=1`), fetch(server.url, { method: 'POST', body: 'x' })];
  await server.holds(2);
  const during = monitor.read();
  assert.deepEqual(of(during, ACTIVE, port), { 'http.request.method=GET': 1, 'http.request.method=POST': 1 });
  assert.deepEqual(of(during, OPEN, port), { 'http.connection.state=active': 2, 'http.connection.state=idle': 0 });
  server.held.sort((one) => (one.request.method === 'GET' ? -1 : 1));
  server.answer(200);
  server.answer(503);
  for (const answer of await Promise.all(answers)) await answer.text();
  const after = await monitor.waitFor((figures) => of(figures, OPEN, port)['http.connection.state=idle'] === 2);
  assert.deepEqual(of(after, ACTIVE, port), { 'http.request.method=GET': 0, 'http.request.method=POST': 0 });
  assert.deepEqual(of(after, DURATION, port), {
    'http.request.method=GET,http.response.status_code=200': 1,
    'error.type=503,http.request.method=POST,http.response.status_code=503': 1,
  });
  assert.equal(JSON.stringify(after).includes('secret'), false);
  // Its connections have no limit: nothing waits for its turn.
  assert.deepEqual(
    Object.keys(after).filter((key) => key.startsWith('loopsight.queue')),
    [],
  );
  assert.deepEqual(monitor.failures, []);
});

test('fetch: what fails', async (t) => {
  const monitor = monitorClients(t);
  const server = await holdRequests(t);
  const { port } = server;
  const broken = assert.rejects(fetch(server.url));
  await server.holds(1);
  server.held.shift()?.response.destroy();
  await broken;
  const controller = new AbortController();
  const aborted = assert.rejects(fetch(server.url, { signal: controller.signal }));
  await server.holds(1);
  controller.abort();
  await aborted;
  const figures = await monitor.waitFor((read) => Object.keys(of(read, DURATION, port)).length === 2);
  assert.deepEqual(of(figures, DURATION, port), {
    'error.type=UND_ERR_SOCKET,http.request.method=GET': 1,
    'error.type=AbortError,http.request.method=GET': 1,
  });
  assert.deepEqual(of(figures, ACTIVE, port), { 'http.request.method=GET': 0 });
  await monitor.waitFor((read) => (of(read, CONNECTION, port)[''] ?? 0) >= 2);
});

for (const name of packages) {
  const { version } = requireLibrary(`${name}/package.json`) as { readonly version: string };
  const load = () => requireLibrary(name) as Undici;

  test(`undici ${version}: requests wait in front of a pool with a limit`, async (t) => {
    const monitor = monitorClients(t);
    const server = await holdRequests(t);
    const { port } = server;
    const pool = new (load().Pool)(server.url, { connections: 2 });
    t.after(() => pool.destroy());
    // One object of options for all of them, as applications keep one.
    const options = { path: '/', method: 'GET' };
    const answers = Array.from({ length: 5 }, async () => (await pool.request(options)).body.text());
    await server.holds(2);
    assert.deepEqual(queueOf(monitor.read(), 'undici', port), { depth: 3, running: 2, capacity: 2 });
    assert.deepEqual(of(monitor.read(), OPEN, port)['http.connection.state=active'], 2);
    server.answer();
    await server.holds(2);
    assert.deepEqual(queueOf(monitor.read(), 'undici', port), { depth: 2, running: 2, capacity: 2 });
    for (let left = 4; left > 0; left--) {
      await server.holds(1);
      server.answer();
    }
    await Promise.all(answers);
    const figures = monitor.read();
    assert.deepEqual(queueOf(figures, 'undici', port), { depth: 0, running: 0, capacity: 2 });
    const { states, wait, run } = tasksOf(figures, 'undici', port);
    assert.deepEqual(states, [5, 5, 0, 0]);
    assert.deepEqual([wait.count, run.count], [5, 5]);
    assert.deepEqual(of(figures, DURATION, port), { 'http.request.method=GET,http.response.status_code=200': 5 });
    await pool.close();
    assert.deepEqual(queueOf(monitor.read(), 'undici', port), {
      depth: undefined,
      running: undefined,
      capacity: undefined,
    });
    assert.deepEqual(monitor.failures, []);
  });

  test(`undici ${version}: who came first leaves first, also with the same options`, async (t) => {
    const monitor = monitorClients(t);
    const server = await holdRequests(t);
    const pool = new (load().Pool)(server.url, { connections: 1 });
    t.after(() => pool.destroy());
    const options = { path: '/', method: 'GET' };
    const send = async () => (await pool.request(options)).body.text();
    const answers = [send(), send()];
    await server.holds(1);
    await delay(200);
    const lastMs = performance.now();
    answers.push(send());
    server.answer();
    await server.holds(1);
    const oldestS = monitor.read()[`loopsight.queue.oldest_age{queue.name=127.0.0.1:${server.port},queue.type=undici}`];
    assert.ok((oldestS ?? Number.NaN) * 1000 <= performance.now() - lastMs, `${oldestS} s`);
    for (let left = 2; left > 0; left--) {
      await server.holds(1);
      server.answer();
    }
    await Promise.all(answers);
  });

  for (const [what, create, capacity] of [
    ['a client', ({ Client }: Undici, url: string) => new Client(url), 1],
    ['an agent', ({ Agent }: Undici) => new Agent({ connections: 3 }), 3],
    ['an agent of one connection', ({ Agent }: Undici) => new Agent({ connections: 1 }), 1],
  ] as const) {
    test(`undici ${version}: ${what} that may run ${capacity}`, async (t) => {
      const monitor = monitorClients(t);
      const server = await holdRequests(t);
      const dispatcher = create(load(), server.url);
      t.after(() => dispatcher.destroy());
      const answers = Array.from({ length: 4 }, async () =>
        (await dispatcher.request({ origin: server.url, path: '/', method: 'GET' })).body.text(),
      );
      const figures = await monitor.waitFor((read) => queueOf(read, 'undici', server.port).running === capacity);
      assert.deepEqual(queueOf(figures, 'undici', server.port), { depth: 4 - capacity, running: capacity, capacity });
      for (let left = 4; left > 0; left--) {
        await server.holds(1);
        server.answer();
      }
      await Promise.all(answers);
      assert.deepEqual(tasksOf(monitor.read(), 'undici', server.port).states, [4, 4, 0, 0]);
    });
  }

  test(`undici ${version}: what a dispatcher may have under way`, () => {
    const { Agent, Client, Pool } = load();
    const capacity = (dispatcher: object) => dispatcherKind(dispatcher)?.capacity();
    assert.equal(capacity(new Client('http://127.0.0.1:1', { pipelining: 3 })), 3);
    assert.equal(capacity(new Client('http://127.0.0.1:1', { pipelining: 0 })), 1);
    assert.equal(capacity(new Pool('http://127.0.0.1:1', { connections: 4 })), 4);
    assert.equal(capacity(new Pool('http://127.0.0.1:1', { connections: 4, pipelining: 3 })), 12);
    assert.equal(capacity(new Pool('http://127.0.0.1:1')), Number.POSITIVE_INFINITY);
    assert.equal(capacity(new Agent({ connections: 4 })), undefined);
  });

  test(`undici ${version}: a pool without a limit has no queue`, async (t) => {
    const monitor = monitorClients(t);
    const server = await holdRequests(t);
    const pool = new (load().Pool)(server.url);
    t.after(() => pool.destroy());
    const answer = pool.request({ path: '/', method: 'GET' });
    await server.holds(1);
    assert.equal(queueOf(monitor.read(), 'undici', server.port).capacity, undefined);
    assert.deepEqual(of(monitor.read(), ACTIVE, server.port), { 'http.request.method=GET': 1 });
    server.answer();
    await (await answer).body.text();
  });

  test(`undici ${version}: what is aborted while it waits was dropped, what breaks has failed`, async (t) => {
    const monitor = monitorClients(t);
    const server = await holdRequests(t);
    const pool = new (load().Pool)(server.url, { connections: 1 });
    t.after(() => pool.destroy());
    const first = assert.rejects(pool.request({ path: '/', method: 'GET' }));
    const controller = new AbortController();
    const second = assert.rejects(pool.request({ path: '/', method: 'GET', signal: controller.signal }));
    await server.holds(1);
    controller.abort();
    server.held.shift()?.response.destroy();
    await Promise.all([first, second]);
    const figures = await monitor.waitFor((read) => tasksOf(read, 'undici', server.port).states[3] === 1);
    assert.deepEqual(tasksOf(figures, 'undici', server.port).states, [2, 0, 1, 1]);
    assert.deepEqual(queueOf(figures, 'undici', server.port), { depth: 0, running: 0, capacity: 1 });
  });

  test(`undici ${version}: a pool that is destroyed leaves nothing behind`, async (t) => {
    const monitor = monitorClients(t);
    const server = await holdRequests(t);
    const pool = new (load().Pool)(server.url, { connections: 1 });
    const rejected = Array.from({ length: 3 }, () => assert.rejects(pool.request({ path: '/', method: 'GET' })));
    await server.holds(1);
    assert.equal(queueOf(monitor.read(), 'undici', server.port).depth, 2);
    await pool.destroy();
    await Promise.all(rejected);
    assert.equal(queueOf(monitor.read(), 'undici', server.port).depth, undefined);
    await assert.rejects(pool.request({ path: '/', method: 'GET' }));
    await monitor.waitFor((read) => of(read, ACTIVE, server.port)['http.request.method=GET'] === 0);
    assert.deepEqual(monitor.failures, []);
  });

  test(`undici ${version}: what a pool refuses does not wait, and is thrown as before`, async (t) => {
    const monitor = monitorClients(t);
    const server = await holdRequests(t);
    const pool = new (load().Pool)(server.url, { connections: 1 });
    t.after(() => pool.destroy());
    const options = { path: '/', method: 'GET' };
    assert.throws(
      () => (pool as unknown as { dispatch(options: object, handler: unknown): void }).dispatch(options, undefined),
      { code: 'UND_ERR_INVALID_ARG' },
    );
    await assert.rejects(pool.request({ path: 'no path', method: 'GET' }));
    assert.deepEqual(queueOf(monitor.read(), 'undici', server.port), { depth: 0, running: 0, capacity: 1 });
    assert.deepEqual(tasksOf(monitor.read(), 'undici', server.port).states, [2, 0, 0, 2]);
  });

  test(`undici ${version}: fetch through a dispatcher with a limit`, async (t) => {
    const monitor = monitorClients(t);
    const server = await holdRequests(t);
    const dispatcher = new (load().Agent)({ connections: 1 });
    t.after(() => dispatcher.destroy());
    const { fetch: undiciFetch } = load() as unknown as { readonly fetch: typeof fetch };
    const answers = [1, 2].map(async () =>
      (await undiciFetch(server.url, { dispatcher } as unknown as RequestInit)).text(),
    );
    await server.holds(1);
    assert.deepEqual(queueOf(monitor.read(), 'undici', server.port), { depth: 1, running: 1, capacity: 1 });
    server.answer();
    await server.holds(1);
    server.answer();
    await Promise.all(answers);
  });

  test(`undici ${version}: stop puts everything back`, async (t) => {
    const { Client } = load();
    const base = Object.getPrototypeOf(Client.prototype) as Record<'dispatch' | 'destroy', unknown>;
    const before = [base.dispatch, base.destroy];
    const monitor = monitorClients(t);
    assert.notEqual(base.dispatch, before[0]);
    assert.notEqual(base.destroy, before[1]);
    monitor.stop();
    assert.deepEqual([base.dispatch, base.destroy], before);
    const names = ['undici:request:create', 'undici:client:sendHeaders', 'undici:client:connected'];
    assert.deepEqual(
      names.map((each) => channel(each).hasSubscribers),
      [false, false, false],
    );
  });
}

test("Node's own fetch waits in front of a dispatcher of the package", async (t) => {
  const monitor = monitorClients(t);
  const server = await holdRequests(t);
  // Handlers of one generation are not understood by dispatchers of another.
  const { Agent } = requireLibrary(nodeMajor >= 26 ? 'undici' : 'undici-7') as Undici;
  const dispatcher = new Agent({ connections: 1 });
  t.after(() => dispatcher.destroy());
  const init = { dispatcher } as unknown as RequestInit;
  const answers = [fetch(server.url, init), fetch(server.url, init)];
  await server.holds(1);
  assert.deepEqual(queueOf(monitor.read(), 'undici', server.port), { depth: 1, running: 1, capacity: 1 });
  server.answer();
  await server.holds(1);
  server.answer();
  for (const answer of await Promise.all(answers)) await answer.text();
  assert.deepEqual(tasksOf(monitor.read(), 'undici', server.port).states, [2, 2, 0, 0]);
});

test('the duration is left to another instrumentation that records it in the same Meter', async (t) => {
  const theirs = { onRequestCreated() {} };
  const listener = theirs.onRequestCreated.bind(theirs);
  channel('undici:request:create').subscribe(listener);
  t.after(() => channel('undici:request:create').unsubscribe(listener));
  const [own, shared] = [monitorClients(t), monitorClients(t, { shared: true })];
  const server = await holdRequests(t);
  const answer = fetch(server.url);
  await server.holds(1);
  server.answer();
  await (await answer).text();
  await own.waitFor((read) => Object.keys(of(read, DURATION, server.port)).length === 1);
  assert.deepEqual(of(shared.read(), DURATION, server.port), {});
  assert.deepEqual(of(shared.read(), ACTIVE, server.port), { 'http.request.method=GET': 0 });
});
