// Who is answered: tokens, passwords and certificates over real connections, and files that change meanwhile.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AccessOptions } from '../../src/access/access-options.js';
import { healthRoutes } from '../../src/observer/health.js';
import type { StallReport } from '../../src/stalls/blame/stall-report.js';
import { issue, makeAuthority, noOpenssl, type Pair } from './certificates.js';
import { ask, basic, bearer, serveWith } from './serve.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-guard-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string) => {
  const path = join(folder, name);
  // As rotations do it: the file is another one, never half of it.
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  return path;
};

const TOKEN = 'a long ünusual token';
const NOW_LOOKS_AGAIN_MS = 11_000;

describe('credentials', () => {
  const cases: readonly [title: string, options: AccessOptions, headers: Record<string, string>, status: number][] = [
    ['the token', { token: TOKEN }, bearer(TOKEN), 200],
    ['the scheme in any case, and more spaces', { token: 'x' }, { authorization: 'bEARER   x ' }, 200],
    ['no credentials', { token: TOKEN }, {}, 401],
    ['another token', { token: TOKEN }, bearer('another'), 401],
    ['the beginning of the token', { token: TOKEN }, bearer(TOKEN.slice(0, -1)), 401],
    ['more than the token', { token: TOKEN }, bearer(`${TOKEN}x`), 401],
    ['an empty token', { token: TOKEN }, { authorization: 'Bearer ' }, 401],
    ['the token without a scheme', { token: 'x' }, { authorization: 'x' }, 401],
    ['the token by another scheme', { token: 'x' }, { authorization: 'Digest x' }, 401],
    ['the token as a password', { token: 'x' }, basic('', 'x'), 401],
    ['a huge token', { token: 'x' }, bearer('x'.repeat(15_000)), 401],
    ['the name and the password', { username: 'prom', password: 'se:cret ü' }, basic('prom', 'se:cret ü'), 200],
    ['another name', { username: 'prom', password: 'secret' }, basic('Prom', 'secret'), 401],
    ['another password', { username: 'prom', password: 'secret' }, basic('prom', 'Secret'), 401],
    ['a colon elsewhere', { username: 'a', password: 'b:c' }, basic('a:b', 'c'), 200],
    ['a password without a name', { username: 'prom', password: 'secret' }, basic('', 'secret'), 401],
    ['the password as a token', { username: 'prom', password: 'secret' }, bearer('secret'), 401],
    ['no base64', { username: 'prom', password: 'secret' }, { authorization: 'Basic {}' }, 401],
    ['no colon', { username: 'prom', password: 'secret' }, { authorization: 'Basic cHJvbQ==' }, 401],
    ['the token where a password will do as well', { token: 'x', username: 'a', password: 'b' }, bearer('x'), 200],
    ['the password where a token will do as well', { token: 'x', username: 'a', password: 'b' }, basic('a', 'b'), 200],
  ];
  for (const [title, options, headers, status] of cases) {
    test(`${title}: ${status}`, async (t) => {
      const { server } = await serveWith(t, options);
      const answer = await ask(server, '/metrics', headers);
      assert.equal(answer.status, status);
      if (status === 200) assert.equal(answer.body, 'up 1\n');
      else assert.equal(answer.body, 'Unauthorized: the metrics are shown to those with credentials.\n');
    });
  }

  test('whoever is refused learns the schemes, and nothing of the paths', async (t) => {
    const { server } = await serveWith(t, { token: 'x', username: 'a', password: 'b' });
    const answers = await Promise.all(['/metrics', '/', '/nothing', '//metrics'].map((path) => ask(server, path)));
    for (const { status, headers, body } of answers) {
      assert.deepEqual([status, body], [answers[0]?.status, answers[0]?.body]);
      assert.equal(headers['www-authenticate'], 'Bearer realm="metrics", Basic realm="metrics", charset="UTF-8"');
    }
    const onlyToken = await serveWith(t, { token: 'x' });
    assert.equal((await ask(onlyToken.server, '/')).headers['www-authenticate'], 'Bearer realm="metrics"');
  });

  test('health is told to everybody', async (t) => {
    const { server } = await serveWith(t, { token: 'x' });
    for (const path of ['/livez', '/healthz']) {
      const { status, body } = await ask(server, path);
      assert.deepEqual([status, body], [200, 'ok\n']);
    }
  });
});

test('health names the code only where nobody else than the scrapers can ask', async (t) => {
  const report: StallReport = {
    thread: 'main',
    startUnixMs: 0,
    durationMs: 5_000,
    cause: 'javascript',
    confidence: 'exact',
    culprit: { function: 'chargeCustomer', file: 'src/billing.js', line: 7, column: 1 },
    stack: [],
    callbacks: 1,
  };
  const stall = { thread: 'main', target: 0, sinceMs: 0, blockedMs: 5_000, isStarting: false, report: () => report };
  for (const brief of [false, true]) {
    const routes = healthRoutes({ unhealthyAfterMs: 1_000, ongoing: () => [stall], brief });
    const { server } = await serveWith(t, { token: 'x' }, { routes });
    for (const accept of ['*/*', 'application/json']) {
      const { status, body } = await ask(server, '/healthz', { accept });
      assert.equal(status, 503);
      assert.equal(/chargeCustomer/.test(body), !brief);
      if (brief) assert.equal(body, accept === '*/*' ? 'unhealthy\n' : '{"status":"unhealthy"}\n');
    }
  }
});

describe('files that change', () => {
  test('a new token is taken within ten seconds, and the old one no more', async (t) => {
    const tokenFile = write('token', 'one\n');
    const { server, pass, said } = await serveWith(t, { tokenFile });
    const statuses = async () =>
      Promise.all(['one', 'two'].map(async (token) => (await ask(server, '/metrics', bearer(token))).status));
    assert.deepEqual(await statuses(), [200, 401]);
    write('token', 'two\n');
    assert.deepEqual(await statuses(), [200, 401], 'it is not read at each request');
    pass(NOW_LOOKS_AGAIN_MS);
    assert.deepEqual(await statuses(), [401, 200]);
    assert.deepEqual(said, []);
  });

  test('a file that is gone or empty leaves the token as it was, says so once, and is taken once it is right', async (t) => {
    const tokenFile = write('unsteady', 'one\n');
    const { server, pass, said } = await serveWith(t, { tokenFile });
    const status = async (token: string) => {
      pass(NOW_LOOKS_AGAIN_MS);
      return (await ask(server, '/metrics', bearer(token))).status;
    };
    assert.equal(await status('one'), 200);
    write('unsteady', '\n');
    assert.equal(await status('one'), 200);
    assert.equal(await status('one'), 200);
    assert.equal(await status(''), 401);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /those before stay: Expected `tokenFile` .*unsteady" \(it is empty\)$/);
    rmSync(tokenFile);
    assert.equal(await status('one'), 200);
    assert.equal(said.length, 2);
    write('unsteady', 'two\n');
    assert.equal(await status('one'), 401);
    assert.equal(await status('two'), 200);
  });
});

describe('TLS', { skip: noOpenssl }, () => {
  let authority: Pair;
  let server: Pair;
  let client: Pair;
  let stranger: Pair;
  let ca = '';
  before(() => {
    authority = makeAuthority(folder, 'authority');
    server = issue(folder, authority, 'server', 'DNS:localhost,IP:127.0.0.1');
    client = issue(folder, authority, 'client', 'DNS:prometheus.example,URI:spiffe://example/prometheus');
    stranger = issue(folder, makeAuthority(folder, 'elsewhere'), 'stranger', 'DNS:prometheus.example');
    ca = readFileSync(authority.cert, 'utf8');
  });
  const tls = (): AccessOptions => ({ tlsCertFile: server.cert, tlsKeyFile: server.key });
  const shows = ({ cert, key }: Pair) => ({ ca, cert: readFileSync(cert), key: readFileSync(key) });

  test('the endpoint is at https, and plain HTTP gets no answer', async (t) => {
    const { server: endpoint } = await serveWith(t, { ...tls(), token: 'x' });
    assert.match(endpoint.url, /^https:\/\/127\.0\.0\.1:/);
    assert.equal((await ask(endpoint, '/metrics', bearer('x'), { ca })).status, 200);
    assert.equal((await ask(endpoint, '/metrics', {}, { ca })).status, 401);
    await assert.rejects(ask({ ...endpoint, url: 'http://' }, '/metrics', bearer('x')));
  });

  test('versions before TLS 1.2 are refused', async (t) => {
    const { server: endpoint } = await serveWith(t, tls());
    const old = { ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await assert.rejects(ask(endpoint, '/metrics', {}, old), /protocol version/);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const answer = await ask(endpoint, '/metrics', {}, { ca, minVersion: version, maxVersion: version });
      assert.equal(answer.status, 200);
    }
  });

  test('with certificates of clients, whoever shows none or that of a stranger is not answered at all', async (t) => {
    const { server: endpoint } = await serveWith(t, { ...tls(), tlsClientCaFile: authority.cert });
    assert.equal((await ask(endpoint, '/metrics', {}, shows(client))).status, 200);
    await assert.rejects(ask(endpoint, '/metrics', {}, { ca }));
    await assert.rejects(ask(endpoint, '/livez', {}, { ca }));
    await assert.rejects(ask(endpoint, '/metrics', {}, shows(stranger)));
    assert.equal((await ask(endpoint, '/metrics', {}, shows(client))).status, 200);
  });

  test('when other authorities count, who is connected already has to show a certificate of theirs', async (t) => {
    const tlsClientCaFile = write('clients.crt', ca);
    const { server: endpoint, pass } = await serveWith(t, { ...tls(), tlsClientCaFile });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const status = async () => (await ask(endpoint, '/metrics', {}, { ...shows(client), agent })).status;
    assert.deepEqual([await status(), await status()], [200, 200]);
    pass(NOW_LOOKS_AGAIN_MS);
    assert.equal(await status(), 200, 'nothing has changed');
    write('clients.crt', readFileSync(join(folder, 'elsewhere.crt'), 'utf8'));
    pass(NOW_LOOKS_AGAIN_MS);
    await assert.rejects(status());
    await assert.rejects(status());
    assert.equal((await ask(endpoint, '/metrics', {}, shows(stranger))).status, 200);
  });

  test('a renewed certificate is shown from the next connection on, one that does not fit is not', async (t) => {
    const tlsCertFile = write('rotated.crt', readFileSync(server.cert, 'utf8'));
    const tlsKeyFile = write('rotated.key', readFileSync(server.key, 'utf8'));
    const { server: endpoint, pass, said } = await serveWith(t, { tlsCertFile, tlsKeyFile });
    const issued = async () => {
      let fingerprint: string | undefined;
      await ask(
        endpoint,
        '/metrics',
        {},
        {
          ca,
          checkServerIdentity(_host, certificate) {
            fingerprint = certificate.fingerprint256;
            return undefined;
          },
        },
      );
      return fingerprint;
    };
    const before = await issued();
    assert.notEqual(before, undefined);
    const renewed = issue(folder, authority, 'renewed', 'DNS:localhost,IP:127.0.0.1');
    write('rotated.crt', readFileSync(renewed.cert, 'utf8'));
    pass(NOW_LOOKS_AGAIN_MS);
    assert.equal(await issued(), before, 'the key is still that of the old one');
    assert.match(said[0] ?? '', /Expected `tlsKeyFile`/);
    write('rotated.key', readFileSync(renewed.key, 'utf8'));
    pass(NOW_LOOKS_AGAIN_MS);
    const after = await issued();
    assert.notEqual(after, undefined);
    assert.notEqual(after, before);
  });
});
