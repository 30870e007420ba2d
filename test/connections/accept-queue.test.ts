// Connections that wait to be accepted: the tables of the kernel, and a server that is really held.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { overflowsIn, startAcceptQueue } from '../../instrumentations/connections/accept-queue.js';
import {
  createOwnSockets,
  parseListeningRows,
  readListeningRows,
} from '../../instrumentations/connections/listening-sockets.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';

const linux = { skip: process.platform !== 'linux' };
const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (local: string, state: string, queue: string, inode: number) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:${queue} 00:00000000 00000000     0        0 ${inode} 1 00000000cece6903 100 0 0 10 0`;

test('reads the rows of listening sockets, of either version of IP, up to the first of another state', () => {
  const table = [
    HEAD,
    row('0100007F:1F90', '0A', '00000007', 41),
    row('00000000000000000000000001000000:0050', '0A', '0000001F', 42),
  ];
  const rows = [
    { port: 8080, waiting: 7, inode: '41' },
    { port: 80, waiting: 31, inode: '42' },
  ];
  assert.deepEqual(parseListeningRows(`${table.join('\n')}\n`), { rows, complete: false });
  const connected = row('0100007F:1F90', '01', '00000099', 43);
  const more = [...table, connected, row('0100007F:1F91', '0A', '00000001', 44)];
  assert.deepEqual(parseListeningRows(`${more.join('\n')}\n`), { rows, complete: true });
  // The last line may have been cut off.
  assert.deepEqual(parseListeningRows([...table, connected].join('\n').slice(0, -20)), { rows, complete: false });
});

test('reads the overflows from the line of numbers that belongs to the line of names', () => {
  const text =
    'TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 1 23 4\nIpExt: InNoRoutes ListenOverflows\nIpExt: 5 6\n';
  assert.equal(overflowsIn(text), 23);
  assert.ok(Number.isNaN(overflowsIn('Ip: a\nIp: 1\n')));
});

test('a socket of this process is its own, one of another process is not', linux, async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { inode } = ownRow((server.address() as AddressInfo).port);
  const sockets = createOwnSockets();
  const rows = [
    { port: 1, waiting: 0, inode },
    { port: 2, waiting: 0, inode: '999999999999' },
  ];
  assert.deepEqual(sockets.of(rows, 0), [rows[0]]);
});

function ownRow(port: number) {
  const found = readListeningRows().find((each) => each.port === port);
  assert.ok(found !== undefined);
  return found;
}

function monitor(ownPort?: () => number | undefined) {
  const store = createStore({ clock: systemClock, report: rethrow });
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const context = { recorder: store, clock, shared: false, report: rethrow };
  const running = startAcceptQueue(context, ownPort === undefined ? {} : { ownPort });
  // The tables are read once a second at the most.
  const read = (laterMs = 1000) => {
    nowMs += laterMs;
    return readStore(store);
  };
  return { read, stop: () => running.stop() };
}

test('a process that listens nowhere shows nothing', () => {
  const accept = monitor();
  assert.deepEqual(accept.read(), {});
  accept.stop();
});

test('connections pile up while nobody accepts them, and are gone with the server', linux, async (t) => {
  // The server's own thread is held, as a loop that is blocked; this one looks on, as the observer does.
  const held = new Int32Array(new SharedArrayBuffer(4));
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    const server = require('node:net').createServer((socket) => socket.destroy());
    server.listen({ port: 0, host: '127.0.0.1', backlog: 5 }, () => {
      parentPort.postMessage(server.address().port);
      setImmediate(() => Atomics.wait(workerData, 0, 0));
    });`;
  const worker = new Worker(program, { eval: true, workerData: held });
  t.after(() => worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  const accept = monitor();
  t.after(() => accept.stop());
  const depth = `loopsight.accept_queue.depth{server.port=${port}}`;
  assert.equal(accept.read()[depth], 0);

  const clients = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'));
  t.after(() => {
    for (const client of clients) client.destroy();
  });
  for (const client of clients) client.on('error', () => {});
  await Promise.all(clients.map((client) => once(client, 'connect')));
  const figures = accept.read();
  assert.equal(figures[depth], 4);
  assert.ok((figures['loopsight.accept_queue.overflows'] ?? -1) >= 0);

  const leftOut = monitor(() => port);
  assert.equal(leftOut.read()[depth], undefined);
  leftOut.stop();

  Atomics.store(held, 0, 1);
  Atomics.notify(held, 0);
  await Promise.all(clients.map((client) => once(client, 'close')));
  assert.equal(accept.read()[depth], 0);
  await worker.terminate();
  assert.equal(accept.read(999)[depth], 0);
  assert.equal(accept.read()[depth], undefined);
  accept.stop();
  assert.deepEqual(accept.read(), {});
});
