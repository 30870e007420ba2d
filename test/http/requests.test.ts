// The HTTP monitor with servers of Node's own: attributes, aborts, pipelining, upgrades.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { connectRaw, labels, listen, monitorHttp, readUntil } from './serve.js';

const REQUEST = 'http.server.request.duration';
const ACTIVE = 'http.server.active_requests';
const STATUS = 'http.response.status_code';
const ACTIVE_GET = `${ACTIVE}{http.request.method=GET,url.scheme=http}`;

test('a request is a duration with method, scheme and status, and is in flight until it ends', async (t) => {
  const recorded = monitorHttp(t);
  let waiting: ServerResponse | undefined;
  const server = createServer((_request, response) => {
    waiting = response;
  });
  const port = await listen(t, server);
  const answer = fetch(`http://127.0.0.1:${port}/users/4711?token=secret`);
  await recorded.waitFor((figures) => figures[ACTIVE_GET] === 1);
  waiting?.end('done');
  assert.equal(await (await answer).text(), 'done');
  const figures = await recorded.ended(1);
  assert.equal(figures[`${REQUEST}.count${labels({ [STATUS]: 200 })}`], 1);
  assert.ok((figures[`${REQUEST}.sum${labels({ [STATUS]: 200 })}`] ?? 0) > 0);
  assert.doesNotMatch(JSON.stringify(figures), /4711|secret/);
});

for (const { status, method, expected } of [
  { status: 404, method: 'GET', expected: labels({ [STATUS]: 404 }) },
  { status: 500, method: 'GET', expected: labels({ [STATUS]: 500, 'error.type': 500 }) },
  {
    status: 503,
    method: 'POST',
    expected: labels({ [STATUS]: 503, 'error.type': 503, 'http.request.method': 'POST' }),
  },
  { status: 204, method: 'HEAD', expected: labels({ [STATUS]: 204, 'http.request.method': 'HEAD' }) },
  { status: 200, method: 'PROPFIND', expected: labels({ [STATUS]: 200, 'http.request.method': '_OTHER' }) },
]) {
  test(`${method} answered ${status} is ${expected}`, async (t) => {
    const recorded = monitorHttp(t);
    const port = await listen(
      t,
      createServer((_request, response) => response.writeHead(status).end()),
    );
    await fetch(`http://127.0.0.1:${port}/`, { method });
    assert.equal((await recorded.ended(1))[`${REQUEST}.count${expected}`], 1);
  });
}

test('a client that leaves before any answer: no status, error.type aborted', async (t) => {
  const recorded = monitorHttp(t);
  const port = await listen(
    t,
    createServer(() => {}),
  );
  const socket = await connectRaw(t, port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await recorded.waitFor((figures) => figures[ACTIVE_GET] === 1);
  socket.destroy();
  assert.equal((await recorded.ended(1))[`${REQUEST}.count${labels({ 'error.type': 'aborted' })}`], 1);
});

test('a client that leaves in the middle of the answer: the status that was sent, error.type aborted', async (t) => {
  const recorded = monitorHttp(t);
  const port = await listen(
    t,
    createServer((_request, response) => response.write('part')),
  );
  const socket = await connectRaw(t, port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await readUntil(socket, /part/);
  socket.destroy();
  const expected = labels({ [STATUS]: 200, 'error.type': 'aborted' });
  assert.equal((await recorded.ended(1))[`${REQUEST}.count${expected}`], 1);
});

test('pipelined requests that are aborted all end, also those that wait behind another', async (t) => {
  const recorded = monitorHttp(t);
  const port = await listen(
    t,
    createServer(() => {}),
  );
  const socket = await connectRaw(t, port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3));
  await recorded.waitFor((figures) => figures[ACTIVE_GET] === 3);
  socket.destroy();
  assert.equal((await recorded.ended(3))[`${REQUEST}.count${labels({ 'error.type': 'aborted' })}`], 3);
});

test('pipelined requests that are answered out of order each get their own figures', async (t) => {
  const recorded = monitorHttp(t);
  const responses: ServerResponse[] = [];
  const port = await listen(
    t,
    createServer((_request, response) => {
      responses.push(response);
      if (responses.length < 3) return;
      for (const [index, status] of [
        [2, 202],
        [0, 200],
        [1, 201],
      ] as const) {
        responses[index]?.writeHead(status).end(`answer ${index}`);
      }
    }),
  );
  const socket = await connectRaw(t, port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3));
  await readUntil(socket, /answer 2/);
  const figures = await recorded.ended(3);
  for (const status of [200, 201, 202]) assert.equal(figures[`${REQUEST}.count${labels({ [STATUS]: status })}`], 1);
});

test('keep-alive: one connection, many requests, one listener of ours', async (t) => {
  const recorded = monitorHttp(t);
  const listeners = new Set<number>();
  const port = await listen(
    t,
    createServer((request, response) => {
      listeners.add(request.socket.listenerCount('close'));
      response.end('x');
    }),
  );
  const socket = await connectRaw(t, port, '');
  for (let index = 0; index < 20; index++) {
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await readUntil(socket, /x/);
  }
  assert.equal((await recorded.ended(20))[`${REQUEST}.count${labels({ [STATUS]: 200 })}`], 20);
  assert.equal(listeners.size, 1);
});

test('Expect: 100-continue is one request with the final status', async (t) => {
  const recorded = monitorHttp(t);
  const port = await listen(
    t,
    createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(201).end());
    }),
  );
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n';
  const socket = await connectRaw(t, port, head);
  await readUntil(socket, /100 Continue/);
  socket.write('hi');
  await readUntil(socket, / 201 /);
  const expected = labels({ [STATUS]: 201, 'http.request.method': 'POST' });
  assert.equal((await recorded.ended(1))[`${REQUEST}.count${expected}`], 1);
});

test('an answer that is complete before the request was read ends the request', async (t) => {
  const recorded = monitorHttp(t);
  const port = await listen(
    t,
    createServer((_request, response) => response.writeHead(413).end('too much')),
  );
  const socket = await connectRaw(t, port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nstart');
  await readUntil(socket, /too much/);
  const expected = labels({ [STATUS]: 413, 'http.request.method': 'POST' });
  assert.equal((await recorded.ended(1))[`${REQUEST}.count${expected}`], 1);
  socket.destroy();
});

test('an upgraded connection and a CONNECT tunnel are no requests', async (t) => {
  const recorded = monitorHttp(t);
  const server = createServer((_request, response) => response.end());
  for (const event of ['upgrade', 'connect'] as const) {
    server.on(event, (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  }
  const port = await listen(t, server);
  for (const head of ['GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x', 'CONNECT a:1 HTTP/1.1']) {
    const socket = await connectRaw(t, port, `${head}\r\nHost: a\r\n\r\n`);
    await readUntil(socket, / 101 /);
    await once(socket, 'close');
  }
  assert.deepEqual(recorded.read(), {});
});

test("Loopsight's own servers are not monitored", async (t) => {
  const recorded = monitorHttp(t);
  const server = createServer((_request, response) => response.end());
  Object.assign(server, { [Symbol.for('loopsight.own')]: true });
  const port = await listen(t, server);
  await fetch(`http://127.0.0.1:${port}/`);
  assert.deepEqual(recorded.read(), {});
});

test('a hostile client with many methods and statuses makes at most 13 series of duration', async (t) => {
  const recorded = monitorHttp(t);
  const port = await listen(
    t,
    createServer((request, response) => response.writeHead(Number(request.headers['x-status'])).end()),
  );
  let count = 0;
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PROPFIND', 'LOCK']) {
    for (const status of [200, 301, 404, 500, 599, 418]) {
      await fetch(`http://127.0.0.1:${port}/`, { method, headers: { 'x-status': `${status}` }, redirect: 'manual' });
      count++;
    }
  }
  const figures = await recorded.ended(count);
  const series = Object.keys(figures).filter((key) => key.startsWith(`${REQUEST}.count`));
  assert.equal(series.length, 13);
  assert.ok((figures[`${REQUEST}.count{otel.metric.overflow=true}`] ?? 0) > 0);
});

test('stop takes the listeners off, and requests in flight off the count', async (t) => {
  const sums: number[] = [];
  const recorded = monitorHttp(t, {
    decorate: (recorder) => ({
      ...recorder,
      sum(metric, attributes) {
        const series = recorder.sum(metric, attributes);
        return { release: () => series.release(), add: (value) => void sums.push(value) };
      },
    }),
  });
  const arrived = new Promise<ServerResponse>((resolve) => {
    listen(
      t,
      createServer((_request, response) => resolve(response)),
    ).then((port) => connectRaw(t, port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
  });
  const response = await arrived;
  const before = response.req.socket.listenerCount('close');
  recorded.monitor.stop();
  recorded.monitor.stop();
  assert.equal(response.req.socket.listenerCount('close'), before - 1);
  response.end();
  assert.deepEqual(sums, [1, -1]);
});

test('a failure inside is reported and never reaches the application', async (t) => {
  const recorded = monitorHttp(t, {
    decorate: (recorder) => ({
      ...recorder,
      histogram() {
        throw new Error('no room');
      },
    }),
  });
  const port = await listen(
    t,
    createServer((_request, response) => response.end('fine')),
  );
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'fine');
  await recorded.waitFor((figures) => figures[ACTIVE_GET] === 0);
  assert.deepEqual(recorded.failures.map(String), ['Error: no room']);
});

test('where another instrumentation records the duration into the same meter, ours keeps to active requests', async (t) => {
  for (const { shared, wrapped, durations } of [
    { shared: true, wrapped: true, durations: 0 },
    { shared: true, wrapped: false, durations: 1 },
    { shared: false, wrapped: true, durations: 1 },
  ]) {
    const recorded = monitorHttp(t, { shared });
    const server = createServer((_request, response) => response.end());
    if (wrapped) {
      const { emit } = server;
      // What the shimmer of OpenTelemetry leaves on the function that it wrapped.
      server.emit = Object.assign(
        function wrapper(this: unknown, ...args: unknown[]) {
          return Reflect.apply(emit, server, args);
        },
        { __wrapped: true },
      );
    }
    const port = await listen(t, server);
    await fetch(`http://127.0.0.1:${port}/`);
    const figures = await recorded.ended(durations);
    assert.equal(figures[ACTIVE_GET], 0);
    recorded.monitor.stop();
  }
});
