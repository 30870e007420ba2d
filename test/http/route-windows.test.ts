// Which request each stretch of a window ran for, under a real server.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import express from 'express';
import { createHttpMonitor } from '../../instrumentations/http/index.js';
import { RequestTrail } from '../../instrumentations/traced/time/request-trail.js';
import { createSchedule } from '../../instrumentations/traced/time/schedule.js';
import { systemClock } from '../../src/clock.js';
import type { Monitor } from '../../src/instrumentation.js';
import { createStore } from '../../src/recorder/store.js';
import { ownerReader, type RouteNews, type RouteWindow } from '../../src/route-windows.js';
import { sharedState } from '../../src/shared-state.js';
import { rethrow } from '../support/read-store.js';
import { listen } from './serve.js';

const TIMING = { periodMs: 600, windowMs: 300, tailMs: 200, firstMs: 20, budget: 1 };
const WITHIN_MS = 20_000;
const nowMs = () => systemClock.monotonicMs();

/** Something that computed; whose it was. */
interface Burst {
  readonly atMs: number;
  /** When the request began that it was for; NaN for none. */
  readonly beganMs: number;
  readonly route: string | undefined;
}

interface Followed {
  readonly windows: RouteWindow[];
  readonly news: RouteNews[];
  readonly bursts: Burst[];
  readonly monitor: Monitor;
  burn(route: string | undefined, beganMs: number): void;
  until(condition: () => boolean): Promise<void>;
}

function follow(t: TestContext, timing = TIMING, isWanted = true): Followed {
  const state = sharedState();
  const unused = () => {
    state.callTimes = undefined;
  };
  state.callTimes = createSchedule({ clock: systemClock, report: rethrow, timing, random: () => 0 }, unused);
  const news: RouteNews[] = [];
  const windows: RouteWindow[] = [];
  const bursts: Burst[] = [];
  const store = createStore({ clock: systemClock, report: rethrow });
  const onRoutes = (one: RouteNews) => {
    news.push(one);
    if ('window' in one) windows.push(one.window);
    return isWanted;
  };
  const context = { recorder: store, clock: systemClock, shared: false, report: rethrow };
  const monitor = createHttpMonitor({ onRoutes }).start(context);
  t.after(() => monitor.stop());
  return {
    windows,
    news,
    bursts,
    monitor,
    burn(route, beganMs) {
      const fromMs = nowMs();
      while (nowMs() - fromMs < 2);
      bursts.push({ atMs: (fromMs + nowMs()) / 2, beganMs, route });
    },
    async until(condition) {
      const endMs = nowMs() + WITHIN_MS;
      while (!condition()) {
        assert.ok(nowMs() < endMs, `still waiting, after ${windows.length} windows`);
        await pause(5);
      }
    },
  };
}

/** Whose each burst was, by a window: those of requests that it followed, and those of nobody. */
function toldOf(window: RouteWindow, bursts: readonly Burst[]): readonly (readonly [told: unknown, truth: unknown])[] {
  const ownerAt = ownerReader(window);
  return [...bursts]
    .sort((one, other) => one.atMs - other.atMs)
    .map((burst) => ({ ...burst, owner: ownerAt(burst.atMs) }))
    .filter(({ owner, beganMs }) => owner !== undefined && !(beganMs < window.fromMs || beganMs > window.toMs))
    .map(({ owner, route }) => [window.routes[owner ?? -1]?.route, route]);
}

test('a request has what ran for it after it waited; what throws and what is nobody’s leave no trace', async (t) => {
  const { windows, bursts, burn, until } = follow(t);
  const app = express();
  for (const route of ['/one/:id', '/two/:id']) {
    app.get(route, async (_request, response) => {
      const beganMs = nowMs();
      burn(route, beganMs);
      await pause(1);
      burn(route, beganMs);
      await Promise.all([
        pause(2).then(() => burn(route, beganMs)),
        new Promise<void>((resolve) => {
          setImmediate(() => {
            burn(route, beganMs);
            resolve();
          });
        }),
      ]);
      response.end('done');
      await null;
      burn(route, beganMs);
    });
  }
  app.post('/body/:id', (request, response) => {
    const beganMs = nowMs();
    request.on('data', () => burn('/body/:id', beganMs));
    request.on('end', () => {
      burn('/body/:id', beganMs);
      response.end();
    });
  });
  app.get('/throws/:id', async () => {
    const beganMs = nowMs();
    await pause(1);
    burn('/throws/:id', beganMs);
    throw new Error('not now');
  });
  app.use(((_error, _request, response, _next) => response.status(500).end()) as express.ErrorRequestHandler);
  const port = await listen(t, createServer(app));
  const background = setInterval(() => burn(undefined, Number.NaN), 10);
  let isOver = false;
  const load = [0, 1].map(async (client) => {
    for (let count = client; !isOver; count++) {
      const [path = '', body] = [['/one/'], ['/two/'], ['/body/', 'x'.repeat(200_000)], ['/throws/'], ['/secret-']][
        count % 5
      ] as [string, string?];
      const asked = fetch(`http://127.0.0.1:${port}${path}secret-${count}`, {
        ...(body === undefined ? {} : { body, method: 'POST' }),
      });
      await (await asked).text();
    }
  });
  const judged = () => windows.flatMap((window) => toldOf(window, bursts));
  const hasUnknown = () => windows.some(({ routes }) => routes.some(({ route }) => route === undefined));
  await until(() => new Set(judged().map(([, truth]) => truth)).size === 5 && hasUnknown());
  isOver = true;
  clearInterval(background);
  await Promise.all(load);
  const wrong = judged().filter(([told, truth]) => told !== truth);
  assert.deepEqual(wrong, [], `of ${judged().length}`);
  assert.doesNotMatch(JSON.stringify(windows.map(({ routes }) => routes)), /secret/);
});

test('requests that began before a window are nobody’s, and one that never ends does not hold it open', async (t) => {
  const { windows, bursts, burn, until } = follow(t);
  const app = express();
  let isOver = false;
  app.get('/lasts/:id', async () => {
    const beganMs = nowMs();
    while (!isOver) {
      await pause(5);
      burn('/lasts/:id', beganMs);
    }
  });
  app.get('/quick', (_request, response) => response.end());
  const port = await listen(t, createServer(app));
  const given = new AbortController();
  const ask = () => void fetch(`http://127.0.0.1:${port}/lasts/secret`, { signal: given.signal }).catch(() => {});
  ask();
  const quick = setInterval(() => void fetch(`http://127.0.0.1:${port}/quick`).catch(() => {}), 20);
  await until(() => windows.length === 1);
  const [first] = windows;
  const firstMs = Math.min(...bursts.map(({ beganMs }) => beganMs));
  assert.ok(first !== undefined && firstMs < first.fromMs);
  const ownerAt = ownerReader(first);
  const owners = bursts.map(({ atMs }) => ownerAt(atMs)).filter((owner) => owner !== undefined);
  assert.ok(owners.length > 0 && owners.every((owner) => owner < 0), `${owners}`);

  // Soon within the next one.
  const again = setInterval(ask, 50);
  await until(() => windows.some(({ routes }) => routes.some(({ route }) => route === '/lasts/:id')));
  const cut = windows.find(({ routes }) => routes.some(({ route }) => route === '/lasts/:id'));
  clearInterval(again);
  clearInterval(quick);
  isOver = true;
  given.abort();
  // Its end is a timer's, which a busy machine has late.
  assert.ok(cut !== undefined && cut.endMs - cut.toMs >= TIMING.tailMs - 1, `${cut?.endMs} ${cut?.toMs}`);
});

test('no requests: it is said until when, and there are no windows', async (t) => {
  const { news, windows, until } = follow(t, { ...TIMING, periodMs: 50, windowMs: 20, tailMs: 10 });
  const port = await listen(
    t,
    createServer((_request, response) => response.end()),
  );
  const ask = async () => void (await (await fetch(`http://127.0.0.1:${port}/`)).text());
  await ask();
  await until(() => windows.length === 1);
  // The next window is due only if there was a request since.
  await pause(200);
  assert.ok(windows.length <= 2);
  const before = news.filter((one) => 'noneUntilMs' in one).length;
  await ask();
  assert.equal(news.filter((one) => 'noneUntilMs' in one).length, before + 1);
});

test('stopping in a window takes the hooks off', async (t) => {
  const { monitor, until } = follow(t, { ...TIMING, windowMs: 60_000, periodMs: 120_000 });
  const isHooked = () => Object.getOwnPropertySymbols(Promise.resolve()).length > 0;
  const port = await listen(
    t,
    createServer((_request, response) => response.end()),
  );
  const before = isHooked();
  await (await fetch(`http://127.0.0.1:${port}/`)).text();
  await until(isHooked);
  monitor.stop();
  assert.equal(isHooked(), before);
  assert.equal(sharedState().callTimes, undefined);
});

test('nobody is told of anything any more who does not want it', async (t) => {
  const { news } = follow(t, { ...TIMING, firstMs: 1 }, false);
  const port = await listen(
    t,
    createServer((_request, response) => response.end()),
  );
  for (let turn = 0; turn < 5; turn++) {
    await (await fetch(`http://127.0.0.1:${port}/`)).text();
    await pause(20);
  }
  assert.equal(news.length, 1);
  assert.equal(sharedState().callTimes, undefined);
});

test('a route that OpenTelemetry was told of is one, where its instrumentation serves the request', async (t) => {
  const { windows, until } = follow(t);
  const manager = new AsyncLocalStorageContextManager();
  context.setGlobalContextManager(manager.enable());
  t.after(() => context.disable());
  const metadata = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');
  const server = createServer((_request, response) => {
    // As its instrumentation of HTTP does, and a framework's tells the route.
    const served = context.active().setValue(metadata, { type: 'http', route: '/told/:id' });
    context.bind(served, response);
    response.end();
  });
  const port = await listen(t, server);
  const load = setInterval(() => void fetch(`http://127.0.0.1:${port}/told/secret`).catch(() => {}), 20);
  await until(() => windows.some(({ routes }) => routes.length > 0)).finally(() => clearInterval(load));
  const names = windows.flatMap(({ routes }) => routes.map(({ method, route }) => `${method} ${route}`));
  assert.deepEqual([...new Set(names)], ['GET /told/:id']);
});

test('a window keeps a bounded number of requests and changes', () => {
  const trail = () => {
    const made = new RequestTrail({ nowMs, idLimit: 1 << 19 });
    made.begins(1);
    return made;
  };
  const many = trail();
  let followed = 0;
  while (many.begin() !== undefined) followed++;
  assert.equal(followed, 0xfffe);
  assert.ok(many.toMs > 0, 'no further ones are waited for');

  const busy = trail();
  const request = busy.begin();
  for (let change = 0; change < 1 << 18; change++) {
    busy.before(2);
    busy.after();
  }
  assert.equal(busy.open, 0, 'it is over');
  request?.end({ method: 'GET', route: '/late' });
  const { owners, endMs, toMs } = busy.read(0);
  assert.ok(owners.length <= 1 << 18);
  assert.equal(endMs >= toMs, true);
});
