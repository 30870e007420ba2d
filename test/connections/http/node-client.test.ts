// Requests of node:http: their figures by server, their connections, and the queue of an agent with a limit.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http, { Agent, type ClientRequest, get, request as httpRequest } from 'node:http';
import { createServer as createSecureServer, get as getSecurely, Agent as SecureAgent } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NAMED_SERVERS } from '../../../instrumentations/connections/http/servers.js';
import { makeAuthority, noOpenssl } from '../../access/certificates.js';
import { freePort } from '../../support/prometheus.js';
import { answerOf, holdRequests, monitorClients, of, queueOf, tasksOf } from './set-up.js';

const ACTIVE = 'http.client.active_requests';
const DURATION = 'http.client.request.duration.count';
const OPEN = 'http.client.open_connections';
const CONNECTION = 'http.client.connection.duration.count';

test('a request is in flight until its response has ended; its connection is active, then idle, then gone', async (t) => {
  const monitor = monitorClients(t);
  const server = await holdRequests(t);
  const { port } = server;
  const agent = new Agent({ keepAlive: true });
  const request = get(`${server.url}/secret?token=1`, { agent });
  await server.holds(1);
  const during = monitor.read();
  assert.deepEqual(of(during, ACTIVE, port), { 'http.request.method=GET': 1 });
  assert.deepEqual(of(during, OPEN, port), { 'http.connection.state=active': 1, 'http.connection.state=idle': 0 });
  assert.deepEqual(of(during, DURATION, port), {});

  server.answer();
  assert.equal(await answerOf(request), 200);
  const after = await monitor.waitFor((figures) => of(figures, OPEN, port)['http.connection.state=idle'] === 1);
  assert.deepEqual(of(after, ACTIVE, port), { 'http.request.method=GET': 0 });
  assert.deepEqual(of(after, DURATION, port), { 'http.request.method=GET,http.response.status_code=200': 1 });
  assert.deepEqual(of(after, OPEN, port), { 'http.connection.state=active': 0, 'http.connection.state=idle': 1 });
  assert.equal(JSON.stringify(after).includes('secret'), false);

  // The same connection again.
  const second = get(server.url, { agent });
  await server.holds(1);
  assert.equal(of(monitor.read(), OPEN, port)['http.connection.state=active'], 1);
  server.answer(404);
  await answerOf(second);
  agent.destroy();
  const end = await monitor.waitFor((figures) => of(figures, CONNECTION, port)[''] === 1);
  assert.deepEqual(of(end, OPEN, port), { 'http.connection.state=active': 0, 'http.connection.state=idle': 0 });
  assert.equal(
    of(end, DURATION, port)['error.type=404,http.request.method=GET,http.response.status_code=404'],
    1,
    JSON.stringify(of(end, DURATION, port)),
  );
  assert.deepEqual(monitor.failures, []);
});

test('what fails has the code of its error; a connection that was never open has no duration', async (t) => {
  const monitor = monitorClients(t);
  const server = await holdRequests(t);
  const { port } = server;
  const broken = get(server.url);
  const failed = once(broken, 'error');
  await server.holds(1);
  server.held.shift()?.response.destroy();
  await failed;
  const aborted = get(server.url, { signal: AbortSignal.timeout(1) });
  await once(aborted, 'error');
  const free = await freePort();
  await once(get(`http://127.0.0.1:${free}/`), 'error');
  const figures = await monitor.waitFor((read) => Object.keys(of(read, DURATION, port)).length === 2);
  assert.deepEqual(of(figures, DURATION, port), {
    'error.type=ECONNRESET,http.request.method=GET': 1,
    'error.type=ABORT_ERR,http.request.method=GET': 1,
  });
  assert.deepEqual(of(figures, DURATION, free), { 'error.type=ECONNREFUSED,http.request.method=GET': 1 });
  assert.deepEqual(of(figures, ACTIVE, free), { 'http.request.method=GET': 0 });
  // It was never open.
  assert.deepEqual(of(figures, CONNECTION, free), {});
});

test('requests wait in front of an agent with a limit: depth, running, capacity, wait and run', async (t) => {
  const monitor = monitorClients(t);
  const server = await holdRequests(t);
  const { port } = server;
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  t.after(() => agent.destroy());
  const requests: ClientRequest[] = [];
  const answers = Array.from({ length: 5 }, () => {
    const request = get(server.url, { agent });
    requests.push(request);
    return answerOf(request);
  });
  await server.holds(2);
  assert.deepEqual(queueOf(monitor.read(), 'http.agent', port), { depth: 3, running: 2, capacity: 2 });
  server.answer();
  await server.holds(2);
  assert.deepEqual(queueOf(monitor.read(), 'http.agent', port), { depth: 2, running: 2, capacity: 2 });
  for (let left = 4; left > 0; left--) {
    await server.holds(1);
    server.answer();
  }
  await Promise.all(answers);
  const figures = await monitor.waitFor((read) => queueOf(read, 'http.agent', port).running === 0);
  assert.deepEqual(queueOf(figures, 'http.agent', port), { depth: 0, running: 0, capacity: 2 });
  const { states, wait, run } = tasksOf(figures, 'http.agent', port);
  assert.deepEqual(states, [5, 5, 0, 0]);
  assert.equal(wait.count, 5);
  assert.equal(run.count, 5);
  assert.ok(wait.sum > 0 && run.sum > 0);
  monitor.stop();
  assert.deepEqual(monitor.read(), {});
});

test('a request that is destroyed while it waits was dropped', async (t) => {
  const monitor = monitorClients(t);
  const server = await holdRequests(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const first = get(server.url, { agent });
  const second = get(server.url, { agent });
  await server.holds(1);
  second.destroy();
  const failed = once(second, 'error');
  server.answer();
  await Promise.all([answerOf(first), failed]);
  const figures = await monitor.waitFor((read) => tasksOf(read, 'http.agent', server.port).states[3] === 1);
  assert.deepEqual(tasksOf(figures, 'http.agent', server.port).states, [2, 1, 0, 1]);
  assert.deepEqual(queueOf(figures, 'http.agent', server.port), { depth: 0, running: 0, capacity: 1 });
});

test('an agent without a limit has no queue, and a process without requests no series', async (t) => {
  const monitor = monitorClients(t);
  assert.deepEqual(monitor.read(), {});
  const server = await holdRequests(t);
  const request = get(server.url);
  await server.holds(1);
  server.answer();
  await answerOf(request);
  assert.deepEqual(
    Object.keys(monitor.read()).filter((key) => key.startsWith('loopsight.queue')),
    [],
  );
});

test('two monitors count each request once each, and its queue once', async (t) => {
  const [one, two] = [monitorClients(t), monitorClients(t)];
  const server = await holdRequests(t);
  const agent = new Agent({ maxSockets: 1 });
  const answers = [answerOf(get(server.url, { agent })), answerOf(get(server.url, { agent }))];
  await server.holds(1);
  for (const monitor of [one, two]) {
    assert.deepEqual(of(monitor.read(), ACTIVE, server.port), { 'http.request.method=GET': 2 });
    assert.deepEqual(queueOf(monitor.read(), 'http.agent', server.port), { depth: 1, running: 1, capacity: 1 });
  }
  one.stop();
  server.answer();
  await server.holds(1);
  server.answer();
  await Promise.all(answers);
  await two.waitFor((read) => of(read, ACTIVE, server.port)['http.request.method=GET'] === 0);
});

test('https: its agent, its server, its connection', { skip: noOpenssl }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-https-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { cert, key } = makeAuthority(folder, 'localhost');
  const monitor = monitorClients(t);
  const secure = createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) });
  const server = await holdRequests(t, secure as unknown as http.Server);
  const { port } = server;
  const agent = new SecureAgent({ keepAlive: true, maxSockets: 1, ca: readFileSync(cert), rejectUnauthorized: false });
  t.after(() => agent.destroy());
  const answers = [1, 2].map(() => answerOf(getSecurely({ host: '127.0.0.1', port, agent })));
  await server.holds(1);
  const figures = monitor.read();
  assert.deepEqual(queueOf(figures, 'http.agent', port), { depth: 1, running: 1, capacity: 1 });
  assert.equal(of(figures, OPEN, port)['http.connection.state=active'], 1);
  // An agent's own key of a connection has its certificates in it.
  assert.equal(JSON.stringify(figures).includes('BEGIN'), false);
  server.answer();
  await server.holds(1);
  server.answer();
  assert.deepEqual(await Promise.all(answers), [200, 200]);
});

test('a request without an agent, through a connection of its own', async (t) => {
  const monitor = monitorClients(t);
  const server = await holdRequests(t);
  const { port } = server;
  const request = httpRequest({ host: '127.0.0.1', port, createConnection: () => connect(port, '127.0.0.1') });
  request.end();
  await server.holds(1);
  assert.deepEqual(of(monitor.read(), ACTIVE, port), { 'http.request.method=GET': 1 });
  server.answer();
  await answerOf(request);
  await monitor.waitFor((read) => of(read, CONNECTION, port)[''] === 1);
});

test('a connection that changes its protocol stays active until it ends', async (t) => {
  const monitor = monitorClients(t);
  const server = http.createServer();
  server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    socket.on('error', () => {});
  });
  const { port } = await holdRequests(t, server);
  const request = get({ host: '127.0.0.1', port, headers: { connection: 'upgrade', upgrade: 'x' } });
  const [, socket] = (await once(request, 'upgrade')) as [unknown, import('node:net').Socket];
  await monitor.waitFor((read) => of(read, ACTIVE, port)['http.request.method=GET'] === 0);
  assert.equal(of(monitor.read(), OPEN, port)['http.connection.state=active'], 1);
  socket.destroy();
  await monitor.waitFor((read) => of(read, CONNECTION, port)[''] === 1);
  assert.equal(of(monitor.read(), OPEN, port)['http.connection.state=active'], 0);
});

test('an agent that throws leaves no request behind, and throws what it threw', async (t) => {
  const monitor = monitorClients(t);
  const error = new Error('no');
  const agent = new Agent({ maxSockets: 1 });
  agent.createConnection = () => {
    throw error;
  };
  assert.throws(
    () => get('http://127.0.0.1:7/', { agent }),
    (thrown) => thrown === error,
  );
  const figures = monitor.read();
  assert.deepEqual(of(figures, ACTIVE, 7), { 'http.request.method=GET': 0 });
  assert.deepEqual(queueOf(figures, 'http.agent', 7), { depth: 0, running: 0, capacity: 1 });
});

test('servers beyond the limit share the name `other`, methods beyond the known ones `_OTHER`', async (t) => {
  const monitor = monitorClients(t);
  const errors = Array.from({ length: NAMED_SERVERS + 3 }, async (_, index) => {
    const request = httpRequest({ host: '127.0.0.1', port: 1, path: '/', method: `X${index}`, headers: { host: 'h' } });
    request.end();
    await once(request, 'error');
  });
  await Promise.all(errors);
  await Promise.all(
    Array.from({ length: NAMED_SERVERS + 3 }, (_, index) =>
      once(get({ host: `127.0.0.${index + 2}`, port: 1 }), 'error'),
    ),
  );
  const figures = await monitor.waitFor((read) =>
    Object.entries(read).every(([key, value]) => !key.startsWith(ACTIVE) || value === 0),
  );
  const active = Object.keys(figures).filter((key) => key.startsWith(ACTIVE));
  assert.equal(active.length, NAMED_SERVERS + 1);
  assert.ok(active.includes(`${ACTIVE}{http.request.method=GET,server.address=other}`));
  assert.deepEqual(of(figures, ACTIVE, 1), { 'http.request.method=_OTHER': 0 });
});

test('a request to a path of the file system is not named by it', async (t) => {
  const monitor = monitorClients(t);
  await once(get({ socketPath: '/nowhere/secret.sock' }), 'error');
  const keys = Object.keys(monitor.read()).join(' ');
  assert.equal(keys.includes('secret'), false);
  assert.ok(keys.includes('server.address=unix'), keys);
});

test('the duration is left to another instrumentation that records it in the same Meter', async (t) => {
  const original = http.request;
  t.after(() => {
    http.request = original;
  });
  http.request = Object.assign((...args: Parameters<typeof original>) => original(...args), {
    __wrapped: true,
  }) as typeof original;
  const [own, shared] = [monitorClients(t), monitorClients(t, { shared: true })];
  const server = await holdRequests(t);
  const request = get(server.url);
  await server.holds(1);
  server.answer();
  await answerOf(request);
  await own.waitFor((read) => Object.keys(of(read, DURATION, server.port)).length === 1);
  assert.deepEqual(of(shared.read(), DURATION, server.port), {});
  assert.deepEqual(of(shared.read(), ACTIVE, server.port), { 'http.request.method=GET': 0 });
});

function methods(): readonly ((...args: never[]) => unknown)[] {
  const { addRequest } = Agent.prototype as unknown as { readonly addRequest: () => void };
  return [addRequest, http.ClientRequest.prototype.onSocket];
}

test('stop puts everything back', async (t) => {
  const before = methods();
  const monitor = monitorClients(t);
  const during = methods();
  for (const [index, method] of during.entries()) {
    assert.notEqual(method, before[index]);
    assert.equal(method.name, before[index]?.name);
    assert.equal(method.length, before[index]?.length);
  }
  const server = await holdRequests(t);
  const request = get(server.url);
  await server.holds(1);
  const listeners = request.listenerCount('close');
  monitor.stop();
  monitor.stop();
  assert.equal(request.listenerCount('close'), listeners - 1);
  assert.deepEqual(methods(), before);
  server.answer();
  await answerOf(request);
  assert.deepEqual(monitor.read(), {});
});
