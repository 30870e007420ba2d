// http.route: the pattern that a framework tells, never the path that a client sent.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import express, { Router } from 'express';
import fastify from 'fastify';
import { createExpressRoutes } from '../../instrumentations/http/express-route.js';
import { labels, listen, monitorHttp } from './serve.js';

const REQUEST = 'http.server.request.duration';
const STATUS = 'http.response.status_code';

test('Express: patterns of routes, routers and mounted applications', async (t) => {
  const recorded = monitorHttp(t);
  const app = express();
  const users = Router({ mergeParams: true });
  users.get('/posts/:post', (_request, response) => void response.send('post'));
  users.get('/', (_request, response) => void response.send('user'));
  app.use('/users/:user', users);
  const admin = express();
  admin.get('/health', (_request, response) => void response.send('healthy'));
  app.use('/admin', admin);
  app.get('/plain', (_request, response) => void response.send('plain'));
  app.get(['/one', '/two'], (_request, response) => void response.send('array'));
  app.get(/^\/v\d+$/, (_request, response) => void response.send('expression'));
  const twice = Router();
  twice.get('/shared', (_request, response) => void response.send('shared'));
  app.use('/left', twice);
  app.use('/right', twice);
  const port = await listen(t, createServer(app));

  const cases: readonly (readonly [path: string, status: number, route: string | undefined])[] = [
    ['/plain?q=1', 200, '/plain'],
    ['/PLAIN', 200, '/plain'],
    ['/users/4711', 200, '/users/:user'],
    ['/users/4711/posts/8', 200, '/users/:user/posts/:post'],
    ['/users/4712/posts/9', 200, '/users/:user/posts/:post'],
    ['/admin/health', 200, '/admin/health'],
    ['/one', 200, undefined],
    ['/v12', 200, undefined],
    ['/left/shared', 200, undefined],
    ['/missing/4711', 404, undefined],
  ];
  const expected = new Map<string, number>();
  for (const [path, status, route] of cases) {
    const { status: answered } = await fetch(`http://127.0.0.1:${port}${path}`);
    assert.equal(answered, status, path);
    const key = `${REQUEST}.count${labels({ [STATUS]: status, ...(route === undefined ? {} : { 'http.route': route }) })}`;
    expected.set(key, (expected.get(key) ?? 0) + 1);
  }
  const figures = await recorded.ended(cases.length);
  assert.deepEqual(
    Object.fromEntries(Object.entries(figures).filter(([key]) => key.startsWith(`${REQUEST}.count`))),
    Object.fromEntries(expected),
  );
  assert.deepEqual(recorded.failures, []);
});

test('Fastify: the url of the route, with its prefix', async (t) => {
  const recorded = monitorHttp(t);
  const app = fastify();
  await app.register(
    async (instance) => {
      instance.get('/users/:user', async () => 'user');
      instance.get('/failing/:id', async () => {
        throw new Error('no');
      });
    },
    { prefix: '/api' },
  );
  t.after(() => app.close());
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  for (const path of ['/api/users/1', '/api/users/2', '/api/failing/3', '/nowhere/4']) await fetch(`${base}${path}`);
  const figures = await recorded.ended(4);
  assert.equal(figures[`${REQUEST}.count${labels({ [STATUS]: 200, 'http.route': '/api/users/:user' })}`], 2);
  const failing = labels({ [STATUS]: 500, 'http.route': '/api/failing/:id', 'error.type': 500 });
  assert.equal(figures[`${REQUEST}.count${failing}`], 1);
  assert.equal(figures[`${REQUEST}.count${labels({ [STATUS]: 404 })}`], 1);
});

// Express 4 keeps of a mount path only the expression that it made, Express 5.0 to 5.2 keep nothing but its parameters.
const mounted = (layer: object, route: object) => {
  const router = Object.assign(() => {}, {
    stack: [{ ...layer, handle: Object.assign(() => {}, { stack: [{ route }] }) }],
  });
  return Object.assign(() => {}, { _router: router });
};
for (const { name, layer, baseUrl, expected } of [
  { name: 'no path', layer: { regexp: { source: '^\\/?(?=\\/|$)', fast_slash: true }, keys: [] }, expected: '/x' },
  { name: '/api', layer: { regexp: /^\/api\/?(?=\/|$)/i, keys: [] }, expected: '/api/x' },
  {
    name: '/users/:id',
    layer: { regexp: /^\/users(?:\/([^/]+?))\/?(?=\/|$)/i, keys: [{ name: 'id' }] },
    expected: '/users/:id/x',
  },
  {
    name: '/a.b-c/:d/e',
    layer: { regexp: /^\/a\.b-c(?:\/([^/]+?))\/e\/?(?=\/|$)/i, keys: [{ name: 'd' }] },
    expected: '/a.b-c/:d/e/x',
  },
  {
    name: '/o/:id?',
    layer: { regexp: /^\/o(?:\/([^/]+?))?\/?(?=\/|$)/i, keys: [{ name: 'id' }] },
    expected: undefined,
  },
  { name: '/v*', layer: { regexp: /^\/v(.*)\/?(?=\/|$)/i, keys: [{ name: 0 }] }, expected: undefined },
  { name: 'an array', layer: { regexp: /^\/a\/?(?=\/|$)|^\/b\/?(?=\/|$)/i, keys: [] }, expected: undefined },
  { name: 'an expression', layer: { regexp: /^\/v\d+/, keys: [] }, expected: undefined },
  { name: '5.1 /api', layer: { matchers: [() => false], keys: [] }, baseUrl: '/API', expected: '/api/x' },
  {
    name: '5.1 /users/:id',
    layer: { matchers: [() => false], keys: ['id'] },
    baseUrl: '/users/7',
    expected: undefined,
  },
  {
    name: '5.1 an expression',
    layer: { matchers: [function regexpMatcher() {}], keys: [] },
    baseUrl: '/v7',
    expected: undefined,
  },
]) {
  test(`older Express, a router mounted at ${name}: ${expected ?? 'no route'}`, () => {
    const route = { path: '/x' };
    const request = { route, app: mounted(layer, route), baseUrl: baseUrl ?? '/raw' };
    /(\w+)-(\w+)/.exec('left-right');
    const found = createExpressRoutes()(request);
    assert.equal(RegExp.$1, 'left', 'what the application matched last');
    assert.equal(found, expected);
  });
}
