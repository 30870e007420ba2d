// A server that answers when it is told to, the monitors of HTTP clients and queues, and what they recorded.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startHttpClients } from '../../../instrumentations/connections/http/index.js';
import { queuesMonitor } from '../../../instrumentations/queues/index.js';
import { systemClock } from '../../../src/clock.js';
import { createStore, type Store } from '../../../src/recorder/store.js';
import { eventually } from '../../support/eventually.js';
import { readStore } from '../../support/read-store.js';

export type Figures = Readonly<Record<string, number>>;

/** Loads a package of test/libraries. */
export const requireLibrary = createRequire(join(process.cwd(), 'test/libraries/package.json'));

/** Starts both monitors for one test. */
export function monitorClients(t: TestContext, { shared = false } = {}) {
  const failures: string[] = [];
  const report = (cause: string, error: unknown) => void failures.push(`${cause}: ${String(error)}`);
  const store: Store = createStore({ clock: systemClock, report: (error) => report('collection', error) });
  const context = { recorder: store, clock: systemClock, shared, report };
  const queues = queuesMonitor.start(context);
  const clients = startHttpClients(context);
  const stop = () => {
    clients.stop();
    queues.stop();
  };
  t.after(stop);
  const read = () => readStore(store);
  return {
    failures,
    stop,
    read,
    waitFor: (isIt: (figures: Figures) => boolean) => eventually(read, isIt),
  };
}

/** The figures of one metric, by its labels without those of the server `port`. */
export function of(figures: Figures, metric: string, port: number | string): Figures {
  const server = `server.address=127.0.0.1,server.port=${port}`;
  return Object.fromEntries(
    Object.entries(figures)
      .filter(([key]) => key.startsWith(`${metric}{`) && key.includes(server))
      .map(([key, value]) => [
        key
          .slice(metric.length + 1, -1)
          .replace(server, '')
          .replace(/^,|,$/g, ''),
        value,
      ]),
  );
}

/** Depth, running and capacity of the queue of a server. */
export function queueOf(figures: Figures, type: string, port: number) {
  const gauge = (name: string) => figures[`loopsight.queue.${name}{queue.name=127.0.0.1:${port},queue.type=${type}}`];
  return { depth: gauge('depth'), running: gauge('running'), capacity: gauge('capacity') };
}

/** The tasks of the queue of a server by state, and its sums of wait and run, in seconds. */
export function tasksOf(figures: Figures, type: string, port: number) {
  const labels = `queue.name=127.0.0.1:${port}`;
  const state = (name: string) =>
    figures[`loopsight.queue.tasks{${labels},queue.task.state=${name},queue.type=${type}}`] ?? 0;
  const times = (name: string) => ({
    count: figures[`loopsight.queue.${name}.duration.count{${labels},queue.type=${type}}`] ?? 0,
    sum: figures[`loopsight.queue.${name}.duration.sum{${labels},queue.type=${type}}`] ?? 0,
  });
  return {
    states: ['added', 'completed', 'failed', 'dropped'].map(state),
    wait: times('wait'),
    run: times('run'),
  };
}

/** A server on a free port whose requests wait for an answer. */
export async function holdRequests(t: TestContext, server: Server = createServer()) {
  const held: { readonly request: IncomingMessage; readonly response: ServerResponse }[] = [];
  let arrived = () => {};
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    held.push({ request, response });
    arrived();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    held,
    /** Waits until `count` requests are held. */
    async holds(count: number): Promise<void> {
      while (held.length < count) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    },
    /** Answers the oldest request that is held. */
    answer(status = 200, body = 'ok'): void {
      const one = held.shift();
      one?.response.writeHead(status).end(body);
    },
  };
}

/** The answer to a request of `node:http`, read to its end. */
export async function answerOf(request: import('node:http').ClientRequest): Promise<number> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'close');
  return response.statusCode ?? 0;
}
