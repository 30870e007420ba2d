// A server on a free port with the HTTP monitor beside it, and the figures that it recorded.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createHttpMonitor } from '../../instrumentations/http/index.js';
import { systemClock } from '../../src/clock.js';
import type { Monitor } from '../../src/instrumentation.js';
import type { Recorder } from '../../src/recorder/recorder.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore } from '../support/read-store.js';

export interface Recorded {
  readonly monitor: Monitor;
  readonly failures: unknown[];
  /** Every series of the store. */
  read(): Readonly<Record<string, number>>;
  /** Waits until no request is in flight and `count` have been recorded; fails the test with what there is after a minute. */
  ended(count: number): Promise<Readonly<Record<string, number>>>;
  waitFor(condition: (read: Readonly<Record<string, number>>) => boolean): Promise<Readonly<Record<string, number>>>;
}

/** Starts the HTTP monitor for one test; `recorder` decorates the store's. */
export function monitorHttp(
  test: TestContext,
  { shared = false, decorate = (recorder: Recorder) => recorder } = {},
): Recorded {
  const failures: unknown[] = [];
  const report = (_cause: string, error: unknown) => failures.push(error);
  const store = createStore({ clock: systemClock, report: (error) => failures.push(error) });
  const monitor = createHttpMonitor().start({ recorder: decorate(store), clock: systemClock, shared, report });
  test.after(() => monitor.stop());
  const read = () => readStore(store);
  const waitFor: Recorded['waitFor'] = async (condition) => {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const figures = read();
      if (condition(figures)) return figures;
      if (performance.now() > deadline) throw new Error(`still waiting with ${JSON.stringify(figures, undefined, 2)}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    monitor,
    failures,
    read,
    waitFor,
    ended: (count) =>
      waitFor((figures) => {
        const of = (prefix: string) => Object.keys(figures).filter((key) => key.startsWith(prefix));
        const sum = (keys: readonly string[]) => keys.reduce((total, key) => total + (figures[key] ?? 0), 0);
        const recorded = sum(of('http.server.request.duration.count'));
        return recorded === count && sum(of('http.server.active_requests')) === 0;
      }),
  };
}

/** Listens on a free port of 127.0.0.1 until the end of the test; resolves with the port. */
export async function listen(test: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** Opens a raw connection and writes `text`. */
export async function connectRaw(test: TestContext, port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  // A reset by the server is no failure of a test that provokes it.
  socket.on('error', () => {});
  test.after(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** Reads from `socket` until `pattern` was seen. */
export async function readUntil(socket: Socket, pattern: RegExp): Promise<string> {
  let text = '';
  for (;;) {
    const [chunk] = await once(socket, 'data');
    text += String(chunk);
    if (pattern.test(text)) return text;
  }
}

/** The label set of a GET that was answered, for keys of `read()`. */
export const labels = (more: Readonly<Record<string, string | number>>): string => {
  const all: Readonly<Record<string, string | number>> = {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    ...more,
  };
  const pairs = Object.keys(all)
    .sort()
    .map((key) => `${key}=${all[key]}`);
  return `{${pairs.join(',')}}`;
};
