// Requests of node:http2: their figures by server, and their sessions as connections.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { monitorClients, of, requireLibrary } from './set-up.js';

const ACTIVE = 'http.client.active_requests';
const DURATION = 'http.client.request.duration.count';
const OPEN = 'http.client.open_connections';
const CONNECTION = 'http.client.connection.duration.count';

/** What a server does with a request of each path. */
const ANSWERS: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
  '/ok': (stream) => {
    stream.respond({ ':status': 200 });
    stream.end('ok');
  },
  '/missing': (stream) => stream.respond({ ':status': 404 }, { endStream: true }),
  '/early': (stream) => {
    stream.additionalHeaders({ ':status': 103 });
    stream.respond({ ':status': 200 }, { endStream: true });
  },
  '/push': (stream) => {
    stream.pushStream({ ':path': '/pushed' }, (_error, pushed) => {
      pushed.respond({ ':status': 200 });
      pushed.end('pushed');
      stream.respond({ ':status': 200 }, { endStream: true });
    });
  },
  '/refuse': (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
  '/half': (stream) => {
    stream.respond({ ':status': 200 });
    stream.write('half');
  },
};

async function startServer(t: TestContext) {
  const held: ServerHttp2Stream[] = [];
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    const answer = ANSWERS[String(headers[':path'])];
    if (answer === undefined) held.push(stream);
    else answer(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, held };
}

/** Sends a request and waits until it is closed, however it ended. */
async function send(
  session: ClientHttp2Session,
  headers: object,
  act?: (stream: { close(code: number): void }) => void,
) {
  const stream = session.request({ ...headers });
  stream.on('error', () => {});
  stream.once('response', () => act?.(stream));
  stream.resume();
  await new Promise((resolve) => stream.once('close', resolve));
}

const announced = Number(process.versions.node.split('.')[0]) >= 22;
const cases: readonly (readonly [string, (t: TestContext) => Promise<void>])[] = [
  [
    'a request of http2 is in flight until its stream is closed; its session is active, then idle, then gone',
    async (t) => {
      const monitor = monitorClients(t);
      const { port, url, held } = await startServer(t);
      const session = connect(url);
      const done = [
        send(session, { ':path': '/secret?token=1' }),
        send(session, { ':path': '/secret', ':method': 'PUT' }),
      ];
      await monitor.waitFor(() => held.length === 2);
      assert.deepEqual(of(monitor.read(), ACTIVE, port), {
        'http.request.method=GET': 1,
        'http.request.method=PUT': 1,
      });
      assert.deepEqual(of(monitor.read(), OPEN, port), {
        'http.connection.state=active': 1,
        'http.connection.state=idle': 0,
      });
      for (const stream of held) ANSWERS['/ok']?.(stream);
      await Promise.all(done);
      const after = monitor.read();
      assert.deepEqual(of(after, ACTIVE, port), { 'http.request.method=GET': 0, 'http.request.method=PUT': 0 });
      assert.deepEqual(of(after, OPEN, port), { 'http.connection.state=active': 0, 'http.connection.state=idle': 1 });
      assert.deepEqual(of(after, DURATION, port), {
        'http.request.method=GET,http.response.status_code=200': 1,
        'http.request.method=PUT,http.response.status_code=200': 1,
      });
      assert.equal(JSON.stringify(after).includes('secret'), false);
      session.close();
      const end = await monitor.waitFor((read) => of(read, CONNECTION, port)[''] === 1);
      assert.deepEqual(of(end, OPEN, port), { 'http.connection.state=active': 0, 'http.connection.state=idle': 0 });
      monitor.stop();
      assert.deepEqual(monitor.read(), {});
      assert.deepEqual(monitor.failures, []);
    },
  ],
  [
    'how a request of http2 ends: its status, or the code of its error; what a server pushes is none',
    async (t) => {
      const monitor = monitorClients(t);
      const { port, url } = await startServer(t);
      const session = connect(url);
      session.on('error', () => {});
      session.on('stream', (pushed) => pushed.resume());
      for (const path of ['/missing', '/early', '/push', '/refuse']) await send(session, { ':path': path });
      await send(session, { ':path': '/half' }, (stream) => stream.close(constants.NGHTTP2_CANCEL));
      await send(session, { ':path': '/ok', ':method': 'BREW' });
      session.destroy();
      const refused = connect('http://127.0.0.1:1');
      refused.on('error', () => {});
      await send(refused, { ':path': '/' });
      await Promise.resolve();
      const figures = monitor.read();
      assert.deepEqual(of(figures, DURATION, port), {
        'error.type=404,http.request.method=GET,http.response.status_code=404': 1,
        'http.request.method=GET,http.response.status_code=200': 2,
        'error.type=ERR_HTTP2_STREAM_ERROR,http.request.method=GET': 1,
        'error.type=ERR_HTTP2_STREAM_CANCEL,http.request.method=GET,http.response.status_code=200': 1,
        'http.request.method=_OTHER,http.response.status_code=200': 1,
      });
      assert.deepEqual(of(figures, DURATION, 1), { 'error.type=ECONNREFUSED,http.request.method=GET': 1 });
      assert.deepEqual(of(figures, ACTIVE, port), { 'http.request.method=GET': 0, 'http.request.method=_OTHER': 0 });
      assert.deepEqual(monitor.failures, []);
    },
  ],
  [
    'a request of http2 whose authority is none is one to `other`',
    async (t) => {
      const monitor = monitorClients(t);
      const { url } = await startServer(t);
      const session = connect(url);
      await send(session, { ':path': '/ok', ':authority': 'a b' });
      session.close();
      const { [`${ACTIVE}{http.request.method=GET,server.address=other}`]: active } = monitor.read();
      assert.equal(active, 0);
      assert.deepEqual(monitor.failures, []);
    },
  ],
  [
    'a request of undici over HTTP/2 is counted once',
    async (t) => {
      const monitor = monitorClients(t);
      const { port, url } = await startServer(t);
      const { Client } = requireLibrary('undici') as {
        Client: new (
          url: string,
          options: object,
        ) => { request(options: object): Promise<{ body: { text(): Promise<string> } }>; close(): Promise<void> };
      };
      const client = new Client(url, { allowH2: true, useH2c: true });
      const { body } = await client.request({ path: '/ok', method: 'GET' });
      assert.equal(await body.text(), 'ok');
      await client.close();
      const figures = await monitor.waitFor((read) => of(read, ACTIVE, port)['http.request.method=GET'] === 0);
      assert.deepEqual(of(figures, DURATION, port), { 'http.request.method=GET,http.response.status_code=200': 1 });
      assert.deepEqual(monitor.failures, []);
    },
  ],
];
for (const [name, run] of announced ? cases : []) test(name, run);

if (!announced) {
  test('where Node announces no streams nothing is recorded of them', async (t) => {
    const monitor = monitorClients(t);
    const { url } = await startServer(t);
    const session = connect(url);
    await send(session, { ':path': '/ok' });
    session.close();
    assert.deepEqual(monitor.read(), {});
    assert.deepEqual(monitor.failures, []);
  });
}
