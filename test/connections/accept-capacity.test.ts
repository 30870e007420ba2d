// The capacity of accept queues: what servers ask for, whichever way, and no more than the kernel gives.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, Server } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { startAcceptCapacity } from '../../instrumentations/connections/accept-capacity.js';
import { DEFAULT_BACKLOG } from '../../instrumentations/connections/listening-servers.js';
import { addUpPorts } from '../../instrumentations/connections/ports.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';

const linux = { skip: process.platform !== 'linux' };

function monitor() {
  const store = createStore({ clock: systemClock, report: rethrow });
  const running = startAcceptCapacity({ recorder: store, clock: systemClock, shared: false, report: rethrow });
  return { read: () => readStore(store), stop: () => running.stop() };
}

const capacityOf = (port: number) => `loopsight.accept_queue.capacity{server.port=${port}}`;

test('each way to listen has the capacity that it asked for', linux, async (t) => {
  const most = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
  const [one, two] = [monitor(), monitor()];
  t.after(() => two.stop());
  const cases: readonly (readonly [Server, number])[] = [
    [createServer().listen(0), DEFAULT_BACKLOG],
    [createServer().listen(0, '127.0.0.1', 7), 7],
    [createServer().listen(0, 8), 8],
    [createHttpServer().listen({ port: 0, host: '127.0.0.1', backlog: 9 }), 9],
    [createServer().listen({ port: 0, backlog: 2 ** 30 }), 2 ** 30],
  ];
  t.after(() => {
    for (const [server] of cases) server.close();
  });
  await Promise.all(cases.map(([server]) => server.listening || once(server, 'listening')));
  const expected = Object.fromEntries(
    cases.map(([server, asked]) => [capacityOf((server.address() as AddressInfo).port), Math.min(asked, most)]),
  );
  assert.deepEqual(one.read(), expected);
  assert.deepEqual(two.read(), expected);
  one.stop();
  assert.deepEqual(one.read(), {});
  assert.deepEqual(two.read(), expected);
  const later = createServer().listen(0, '127.0.0.1', 3);
  t.after(() => later.close());
  await once(later, 'listening');
  assert.equal(two.read()[capacityOf((later.address() as AddressInfo).port)], 3);
});

test('what does not listen on a port has none: a path, a port in use, a server that is closing', linux, async (t) => {
  const accept = monitor();
  t.after(() => accept.stop());
  const path = join('/tmp', `loopsight-${process.pid}.sock`);
  t.after(() => rmSync(path, { force: true }));
  const local = createServer().listen(path);
  t.after(() => local.close());
  await once(local, 'listening');
  assert.deepEqual(accept.read(), {});

  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const second = createServer().listen(port, '127.0.0.1', 5);
  await once(second, 'error');
  assert.deepEqual(Object.keys(accept.read()), [capacityOf(port)]);
  assert.notEqual(accept.read()[capacityOf(port)], 5);

  const client = connect(port, '127.0.0.1');
  await once(server, 'connection');
  server.close();
  assert.deepEqual(accept.read(), {}, 'it does not listen any more, though a connection is open');
  client.destroy();
  await once(server, 'close');
});

test('the stop puts the method back, and takes the listeners off', linux, async (t) => {
  const prototype = Server.prototype as unknown as { readonly _listen2: unknown };
  const before = prototype._listen2;
  const accept = monitor();
  assert.notEqual(prototype._listen2, before);
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  accept.stop();
  assert.equal(prototype._listen2, before);
  assert.equal(server.listenerCount('close'), 0);
});

test('the sockets of a port add up, and ports beyond the named ones do', () => {
  const figures = Array.from({ length: 25 }, (_, index) => ({ port: 8000 + index, connections: 1 }));
  const totals = addUpPorts([...figures, { port: 8000, connections: 4 }].reverse());
  assert.equal(totals.size, 21);
  assert.equal(totals.get('8000'), 5);
  assert.equal(totals.get('8019'), 1);
  assert.equal(totals.get('other'), 5);
});
