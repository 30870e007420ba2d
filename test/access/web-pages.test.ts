// Pages of other sites, in the browser of somebody who may reach the endpoint: they get nothing, and everybody else does.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isForeignPage, isLoopback } from '../../src/access/web-pages.js';
import { startServer } from '../../src/prometheus/server.js';
import { ask, bearer, serveWith } from './serve.js';

const page = (site: string, mode: string) => ({ 'sec-fetch-site': site, 'sec-fetch-mode': mode });

test('a name that anybody can own is foreign where the endpoint is private', () => {
  const cases: readonly [host: string | undefined, isForeign: boolean][] = [
    [undefined, false],
    ['', false],
    ['127.0.0.1:9464', false],
    ['127.1:9464', false],
    ['[::1]:9464', false],
    ['[::ffff:127.0.0.1]', false],
    ['::1', false],
    ['localhost:9464', false],
    ['LOCALHOST.:9464', false],
    ['app.localhost:9464', false],
    ['build-7:9464', false],
    ['host.docker.internal:9464', false],
    ['laptop.local', false],
    ['app.team.svc.cluster.local:9464', false],
    ['nas.home.arpa', false],
    ['rebound.example.com:9464', true],
    ['REBOUND.Example.Com.:9464', true],
    ['127.0.0.1.nip.io:9464', true],
    ['localhost.example.com', true],
    ['notlocal.com', true],
    ['evil-local.com.', true],
    ['a.notlocal:9464', true],
    ['127.0.0.1.:9464', false],
  ];
  for (const [host, isForeign] of cases) {
    const headers = host === undefined ? {} : { host };
    assert.equal(isForeignPage({ headers }, true), isForeign, host);
    assert.equal(isForeignPage({ headers }, false), false, host);
  }
});

test('what a browser says of other sites is believed, and whoever visits the address is let in', () => {
  for (const isPrivate of [true, false]) {
    const cases: readonly [headers: Record<string, string>, isForeign: boolean][] = [
      [{ 'sec-fetch-mode': 'cors' }, false],
      [page('none', 'navigate'), false],
      [page('same-origin', 'cors'), false],
      [page('cross-site', 'navigate'), false],
      [page('cross-site', 'no-cors'), true],
      [page('cross-site', 'cors'), true],
      [page('same-site', 'no-cors'), true],
      [{ 'sec-fetch-site': 'cross-site' }, true],
      [{ origin: 'https://evil.example', host: 'localhost:9464' }, true],
      [{ origin: 'null', host: 'localhost:9464' }, true],
      [{ origin: 'http://localhost:9465', host: 'localhost:9464' }, true],
      [{ origin: 'http://localhost:9464', host: 'LOCALHOST:9464' }, false],
    ];
    for (const [headers, isForeign] of cases) {
      assert.equal(isForeignPage({ headers }, isPrivate), isForeign, JSON.stringify(headers));
    }
  }
});

test('loopback is what only this machine reaches', () => {
  const at = (address: string) => ({ address, family: '', port: 1 });
  for (const address of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])
    assert.ok(isLoopback(at(address)), address);
  for (const address of ['0.0.0.0', '::', '10.0.0.127', '::11', '::1:2']) assert.ok(!isLoopback(at(address)), address);
  assert.ok(!isLoopback('/run/socket'));
  assert.ok(!isLoopback(null));
});

async function serve(t: TestContext) {
  let collected = 0;
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    collect: async () => {
      collected++;
      return 'up 1\n';
    },
    open: ['/livez'],
    routes: { '/livez': () => ({ status: 200, body: 'ok\n' }) },
    onError: () => {},
  });
  t.after(() => server.close());
  return { server, collected: () => collected };
}

test('a page that had its name lead here reads nothing at all, and nothing of what it sent is in the answer', async (t) => {
  const { server, collected } = await serve(t);
  for (const path of ['/metrics', '/', '/livez', '/nothing']) {
    const { status, body } = await ask(server, path, { host: `rebound.example.com:${server.port}` });
    assert.equal(status, 403, path);
    assert.doesNotMatch(body, /rebound|up 1/);
  }
  assert.equal((await ask(server, '/metrics', page('cross-site', 'no-cors'))).status, 403);
  assert.equal(collected(), 0);
  for (const host of [`127.0.0.1:${server.port}`, `localhost:${server.port}`, 'host.docker.internal:9464']) {
    assert.equal((await ask(server, '/metrics', { host })).status, 200, host);
  }
});

test('where credentials are asked for, any name will do: a page has none of them', async (t) => {
  const { server } = await serveWith(t, { token: 'x' });
  const host = 'metrics.example.com';
  assert.equal((await ask(server, '/metrics', { host })).status, 401);
  assert.equal((await ask(server, '/metrics', { host, ...bearer('x') })).status, 200);
  assert.equal((await ask(server, '/livez', { host })).status, 200);
});
