// What a capture tells of the code that runs, taken on top of it as the observer does.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Session } from 'node:inspector';
import { type TestContext, test } from 'node:test';
import express, { Router } from 'express';
import { createHttpMonitor } from '../../../instrumentations/http/index.js';
import { API_KEY } from '../../../src/api-global.js';
import { systemClock } from '../../../src/clock.js';
import { createStore } from '../../../src/recorder/store.js';
import {
  CAPTURE_EXPRESSION,
  type CaptureSources,
  installCapture,
  type RawCapture,
} from '../../../src/stalls/loop/capture.js';
import { listen } from '../../http/serve.js';
import { rethrow } from '../../support/read-store.js';

/** Captures are taken where `look` is called. */
function createLook(t: TestContext, sources?: CaptureSources): () => RawCapture {
  t.after(installCapture(sources));
  const session = new Session();
  session.connect();
  t.after(() => session.disconnect());
  return () => {
    let json: unknown;
    // On the same thread it is answered at once.
    session.post('Runtime.evaluate', { expression: CAPTURE_EXPRESSION }, (error, { result }) => {
      json = error ?? result.value;
    });
    return JSON.parse(String(json)) as RawCapture;
  };
}

test('the route of a request of Express, and what the application matched last stays', async (t) => {
  let currentRoute: CaptureSources['currentRoute'];
  const monitor = createHttpMonitor({
    onRequests(source) {
      currentRoute = source?.currentRoute;
    },
  }).start({
    recorder: createStore({ clock: systemClock, report: rethrow }),
    clock: systemClock,
    shared: false,
    report: (_cause, error) => rethrow(error),
  });
  t.after(() => monitor.stop());
  const look = createLook(t, { currentRoute: (asyncId) => currentRoute?.(asyncId) });

  const router = Router();
  router.get('/posts/:post', function readPost(request, response) {
    /(\d+)\/posts\/(\d+)/.exec(request.originalUrl);
    const { route, frames } = look();
    response.json({ route, isSeen: frames.some(([name]) => name === 'readPost'), $1: RegExp.$1 });
  });
  const app = express();
  app.use('/users/:user', router);
  const port = await listen(t, createServer(app));
  const answer = await fetch(`http://127.0.0.1:${port}/users/4711/posts/8`);
  assert.deepEqual(await answer.json(), { route: 'GET /users/:user/posts/:post', isSeen: true, $1: '4711' });
});

test('span and route, where OpenTelemetry knows them', (t) => {
  const look = createLook(t, { currentRoute: () => 'GET /of-http' });
  const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');
  const identity = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
  const span = {
    spanContext: () => identity,
    attributes: { 'http.route': '/users/:user', 'http.request.method': 'GET' },
  };
  const values = new Map([[SPAN, span]]);
  const context = { getValue: (key: symbol) => values.get(key) };
  const holder = globalThis as { [API_KEY]?: unknown };
  const before = holder[API_KEY];
  t.after(() => {
    holder[API_KEY] = before;
  });
  holder[API_KEY] = { context: { active: () => context } };
  const { span: seen, route } = look();
  assert.deepEqual(seen, { traceId: identity.traceId, spanId: identity.spanId, sampled: true });
  assert.equal(route, 'GET /users/:user');

  values.clear();
  const { span: nobodys, route: ofHttp } = look();
  assert.equal(nobodys, undefined);
  assert.equal(ofHttp, 'GET /of-http');
});
