// Commands of both clients of Redis, through a real server: those that wait for a connection, and those in flight.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { connectionsMonitor } from '../../../instrumentations/connections/index.js';
import { queuesMonitor } from '../../../instrumentations/queues/index.js';
import { systemClock } from '../../../src/clock.js';
import { createStore, type Store } from '../../../src/recorder/store.js';
import { fromLibraries } from '../../libraries/from-libraries.js';
import { startRedis } from '../../libraries/servers/redis.js';
import type { DatabaseServer } from '../../libraries/servers/server.js';
import { eventually } from '../../support/eventually.js';
import { readStore, rethrow } from '../../support/read-store.js';

const COMMANDS = 100;
const PAUSE_MS = 1000;

interface Client {
  /** Sends a command; resolves with the reply. */
  send(...command: string[]): Promise<unknown>;
  close(): Promise<unknown>;
}

interface Case {
  readonly library: 'ioredis' | 'redis';
  open(server: DatabaseServer): Client;
}

interface IoRedis {
  call(...command: string[]): Promise<unknown>;
  on(event: 'error', listener: () => void): unknown;
  quit(): Promise<unknown>;
}

interface NodeRedis {
  connect(): Promise<unknown>;
  on(event: 'error', listener: () => void): unknown;
  sendCommand(command: readonly string[]): Promise<unknown>;
  close(): Promise<unknown>;
}

const CASES: readonly Case[] = [
  {
    library: 'ioredis',
    open({ host, port }) {
      const { Redis } = fromLibraries('ioredis') as { Redis: new (options: object) => IoRedis };
      const redis = new Redis({ host, port });
      redis.on('error', () => {});
      return { send: (...command) => redis.call(...command), close: () => redis.quit() };
    },
  },
  {
    library: 'redis',
    open({ host, port }) {
      const { createClient } = fromLibraries('redis') as { createClient(options: object): NodeRedis };
      const client = createClient({ socket: { host, port } });
      client.on('error', () => {});
      const connected = client.connect();
      return {
        send: (...command) => client.sendCommand(command),
        close: () => connected.then(() => client.close()),
      };
    },
  },
];

for (const { library, open } of CASES) {
  test(`commands of ${library} wait for the connection, run until their reply, and are gone with the client`, async (t) => {
    const server = await startRedis(t);
    if (server === undefined) return;
    await using _ = server;
    const store = createStore({ clock: systemClock, report: rethrow });
    const context = { recorder: store, clock: systemClock, shared: false, report: rethrow };
    const monitors = [queuesMonitor.start(context), connectionsMonitor.start(context)];
    const labels = `queue.name=127.0.0.1:${server.port},queue.type=${library}`;
    const figures = figuresOf(store, labels);
    const runSum = () => readStore(store)[`loopsight.queue.run.duration.sum{${labels}}`] ?? Number.NaN;
    const client = open(server);
    try {
      // Nothing is written before the handshake, which takes a turn of the loop at least.
      const early = Array.from({ length: COMMANDS }, () => client.send('PING'));
      assert.equal(figures().depth, COMMANDS);
      assert.equal(figures().running, 0);
      await Promise.all(early);
      assert.deepEqual(figures(), {
        depth: 0,
        running: 0,
        added: 100,
        completed: 100,
        failed: 0,
        waits: 100,
        runs: 100,
      });

      // A blocking command is no work in flight; the pause is a plain one.
      await client.send('BLPOP', 'nothing', '0.01');
      const pausedMs = performance.now();
      await client.send('CLIENT', 'PAUSE', String(PAUSE_MS), 'ALL');
      const before = runSum();
      const sentMs = performance.now();
      const paused = Array.from({ length: COMMANDS }, () => client.send('PING'));
      await eventually(figures, ({ running }) => running === COMMANDS);
      // Each of them has begun by now, and ends with the pause or after it.
      const leastMs = PAUSE_MS - (performance.now() - pausedMs);
      await Promise.all(paused);
      const mostMs = performance.now() - sentMs;
      const meanMs = ((runSum() - before) / COMMANDS) * 1000;
      assert.ok(
        meanMs >= leastMs - 1 && meanMs <= mostMs,
        `a command ran for ${meanMs} ms of ${leastMs} to ${mostMs} ms`,
      );

      await assert.rejects(client.send('NO-SUCH-COMMAND'));
      assert.deepEqual(figures(), {
        depth: 0,
        running: 0,
        added: 202,
        completed: 201,
        failed: 1,
        waits: 202,
        runs: 202,
      });
      // What is in flight when the client is closed still ends.
      const last = client.send('PING');
      await client.close();
      await last;
      await eventually(
        () => Object.keys(readStore(store)),
        (names) => names.length === 0,
      );
    } finally {
      await client.close().catch(() => {});
      for (const monitor of monitors) monitor.stop();
    }
  });
}

for (const { library, open } of CASES) {
  test(`commands of ${library} whose connection is lost end once, sent again or not`, async (t) => {
    const server = await startRedis(t);
    if (server === undefined) return;
    await using _ = server;
    await using wire = await startWire(server.port);
    const store = createStore({ clock: systemClock, report: rethrow });
    const context = { recorder: store, clock: systemClock, shared: false, report: rethrow };
    const monitors = [queuesMonitor.start(context), connectionsMonitor.start(context)];
    const figures = figuresOf(store, `queue.name=127.0.0.1:${wire.port},queue.type=${library}`);
    const client = open({ ...server, port: wire.port });
    try {
      await client.send('PING');
      wire.hold();
      const inFlight = Promise.allSettled(Array.from({ length: 10 }, () => client.send('PING')));
      await eventually(figures, ({ running }) => running === 10);
      wire.cut();
      const outcomes = await inFlight;
      const lost = outcomes.filter(({ status }) => status === 'rejected').length;
      await client.send('PING');
      const { depth, running, added, completed, failed } = figures();
      const expected = { depth: 0, running: 0, added: 12, completed: 12 - lost, failed: lost };
      assert.deepEqual({ depth, running, added, completed, failed }, expected);
    } finally {
      await client.close().catch(() => {});
      for (const monitor of monitors) monitor.stop();
    }
  });
}

test('a command of ioredis that has ended has its own functions again', async (t) => {
  const server = await startRedis(t);
  if (server === undefined) return;
  await using _ = server;
  type Command = { readonly promise: Promise<unknown>; readonly resolve: unknown; readonly reject: unknown };
  const { Redis, Command } = fromLibraries('ioredis') as {
    Redis: new (
      options: object,
    ) => { sendCommand(command: Command): Promise<unknown>; quit(): Promise<unknown>; on(...of: unknown[]): unknown };
    Command: new (name: string, args?: readonly string[]) => Command;
  };
  const store = createStore({ clock: systemClock, report: rethrow });
  const monitor = connectionsMonitor.start({ recorder: store, clock: systemClock, shared: false, report: rethrow });
  const redis = new Redis({ host: server.host, port: server.port });
  try {
    for (const name of ['ping', 'no-such-command']) {
      const command = new Command(name);
      const { promise, resolve, reject } = command;
      assert.equal(redis.sendCommand(command), promise);
      assert.notEqual(command.resolve, resolve);
      await promise.catch(() => {});
      assert.equal(command.resolve, resolve);
      assert.equal(command.reject, reject);
    }
  } finally {
    await redis.quit();
    monitor.stop();
  }
});

interface Wire extends AsyncDisposable {
  readonly port: number;
  /** Keeps replies back. */
  hold(): void;
  /** Ends every connection; new ones are let through again. */
  cut(): void;
}

async function startWire(port: number): Promise<Wire> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const wire = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    for (const socket of pair) socket.on('error', () => {}).on('close', () => pairs.delete(pair));
  });
  wire.listen(0, '127.0.0.1');
  await once(wire, 'listening');
  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  const address = wire.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    hold() {
      for (const [near, far] of pairs) far.unpipe(near);
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      wire.close();
      await once(wire, 'close');
    },
  };
}

function figuresOf(store: Store, labels: string): () => Record<string, number | undefined> {
  const tasks = (read: Readonly<Record<string, number>>, state: string) =>
    read[`loopsight.queue.tasks{${labels.replace(',queue.type', `,queue.task.state=${state},queue.type`)}}`];
  return () => {
    const read = readStore(store);
    return {
      depth: read[`loopsight.queue.depth{${labels}}`],
      running: read[`loopsight.queue.running{${labels}}`],
      added: tasks(read, 'added'),
      completed: tasks(read, 'completed'),
      failed: tasks(read, 'failed'),
      waits: read[`loopsight.queue.wait.duration.count{${labels}}`],
      runs: read[`loopsight.queue.run.duration.count{${labels}}`],
    };
  };
}
