// 100 requests of 50 ms where 4 may run: depth, running, capacity, and histograms against what the program itself measured.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startHttpClients } from '../../../instrumentations/connections/http/index.js';
import { queuesMonitor } from '../../../instrumentations/queues/index.js';
import { systemClock } from '../../../src/clock.js';
import { LATENCY_BOUNDS_S } from '../../../src/metric-names.js';
import { SeriesTable } from '../../../src/prometheus/snapshot.js';
import { createStore, type Store } from '../../../src/recorder/store.js';
import { readStore, rethrow } from '../../support/read-store.js';
import { queueOf, requireLibrary, tasksOf } from './set-up.js';

const TASKS = 100;
const TASK_MS = 50;
const CAPACITY = 4;

interface Sender {
  send(path: string): Promise<unknown>;
  close(): unknown;
}

interface Undici {
  readonly Pool: new (origin: string, options: object) => UndiciPool;
  readonly Agent: new (options: object) => object & { close(): Promise<void> };
  readonly fetch: (url: string, options: object) => Promise<Response>;
}

interface UndiciPool {
  request(options: object): Promise<{ readonly body: { text(): Promise<string> } }>;
  close(): Promise<void>;
}

const installed = Number(process.versions.node.split('.')[0]) >= 22 ? 'undici' : 'undici-7';

const clients: readonly [title: string, type: string, start: (url: string) => Sender | Promise<Sender>][] = [
  [
    'http.Agent',
    'http.agent',
    (url) => {
      const agent = new Agent({ keepAlive: true, maxSockets: CAPACITY });
      const send = (path: string) =>
        new Promise((resolve, reject) => {
          get(url + path, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
        });
      return { send, close: () => agent.destroy() };
    },
  ],
  [
    'undici, by require',
    'undici',
    (url) => {
      const { Pool } = requireLibrary(installed) as Undici;
      const pool = new Pool(url, { connections: CAPACITY });
      const send = async (path: string) => (await pool.request({ path, method: 'GET' })).body.text();
      return { send, close: () => pool.close() };
    },
  ],
  [
    'fetch of undici, by import',
    'undici',
    async (url) => {
      const { href } = pathToFileURL(requireLibrary.resolve(installed));
      const { Agent: UndiciAgent, fetch: undiciFetch } = (await import(href)) as Undici;
      const dispatcher = new UndiciAgent({ connections: CAPACITY });
      const send = async (path: string) => (await undiciFetch(url + path, { dispatcher })).text();
      return { send, close: () => dispatcher.close() };
    },
  ],
];

for (const [title, type, start] of clients) {
  test(title, async (t) => {
    const store = monitor(t);
    const { url, port, handled, open } = await slowServer(t);
    const client = await start(url);
    const addedMs = Array.from({ length: TASKS }, () => performance.now());
    const endedMs: number[] = [];
    const results = addedMs.map((_, index) => client.send(`/${index}`).then(() => endedMs.push(performance.now())));
    while (handled.length < CAPACITY) await delay(1);
    assert.deepEqual(queueOf(readStore(store), type, port), {
      depth: TASKS - CAPACITY,
      running: CAPACITY,
      capacity: CAPACITY,
    });
    open();
    await Promise.all(results);

    const figures = readStore(store);
    assert.deepEqual(tasksOf(figures, type, port).states, [TASKS, TASKS, 0, 0]);
    // A request is sent once one of those before it has ended, and before the server has it: on a busy machine that is not one
    // moment.
    const least = handled.map(({ index, startMs, endMs }, position) => {
      const sentMs = endedMs[position - CAPACITY] ?? addedMs[index] ?? Number.NaN;
      return { waitMs: sentMs - (addedMs[index] ?? Number.NaN), runMs: endMs - startMs };
    });
    const most = handled.map(({ index, startMs }, position) => {
      const sentMs = endedMs[position - CAPACITY] ?? addedMs[index] ?? Number.NaN;
      return { waitMs: startMs - (addedMs[index] ?? Number.NaN), runMs: (endedMs[position] ?? Number.NaN) - sentMs };
    });
    const of = (truths: typeof least, what: 'waitMs' | 'runMs') => truths.map((truth) => truth[what]);
    const waits = bucketsOf(store, 'loopsight.queue.wait.duration', port);
    assertNear(waits, of(least, 'waitMs'), of(most, 'waitMs'));
    const runs = bucketsOf(store, 'loopsight.queue.run.duration', port);
    assertNear(runs, of(least, 'runMs'), of(most, 'runMs'));

    await client.close();
    if (type === 'undici') assert.equal(queueOf(readStore(store), type, port).depth, undefined);
  });
}

function monitor(t: TestContext): Store {
  const store = createStore({ clock: systemClock, report: rethrow });
  const context = { recorder: store, clock: systemClock, shared: false, report: rethrow };
  for (const running of [queuesMonitor.start(context), startHttpClients(context)]) t.after(() => running.stop());
  return store;
}

/** A server whose requests take their time once it is opened, and when each was handled. */
async function slowServer(t: TestContext) {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const handled: { readonly index: number; readonly startMs: number; endMs: number }[] = [];
  const server = createServer(async (request, response) => {
    const one = { index: Number(request.url?.slice(1)), startMs: performance.now(), endMs: Number.NaN };
    handled.push(one);
    await opened;
    await delay(TASK_MS);
    one.endMs = performance.now();
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, handled, open };
}

function bucketsOf(store: Store, metric: string, port: number): readonly number[] {
  const reader = store.open();
  const table = new SeriesTable();
  table.apply(reader.read());
  reader.close();
  for (const { family, series } of table.families.values()) {
    for (const { attributes, offset } of series.values()) {
      if (family.name !== metric || !attributes.some(([, value]) => value.endsWith(`:${port}`))) continue;
      return [...table.values.subarray(offset, offset + LATENCY_BOUNDS_S.length + 1)];
    }
  }
  throw new Error(`no series of ${metric}`);
}

/** Each quantile is in the bucket of the true one, which lies between two, or in the one beside it. */
function assertNear(buckets: readonly number[], leastMs: readonly number[], mostMs: readonly number[]): void {
  const sorted = [leastMs, mostMs].map((truthMs) => [...truthMs].sort((one, other) => one - other));
  for (const quantile of [0.1, 0.5, 0.9, 0.99]) {
    const rank = Math.ceil(quantile * leastMs.length);
    const [least = 0, most = 0] = sorted.map((truthMs) => (truthMs[rank - 1] ?? Number.NaN) / 1000);
    const [from = 0, to = 0] = [least, most].map((trueS) => LATENCY_BOUNDS_S.findIndex((bound) => trueS <= bound));
    let seen = 0;
    const found = buckets.findIndex((count) => {
      seen += count;
      return seen >= rank;
    });
    const isNear = found >= from - 1 && found <= to + 1;
    assert.ok(isNear, `quantile ${quantile}: ${least} to ${most} s, buckets ${buckets.join(' ')}`);
  }
}
