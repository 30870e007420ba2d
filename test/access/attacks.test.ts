// Hostile clients: whatever they do costs little, shows nothing, and keeps nobody else from scraping, now or afterwards.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Guard } from '../../src/access/guard.js';
import type { ServerLimits } from '../../src/access/limits.js';
import { type MetricsServer, type ServerOptions, startServer } from '../../src/prometheus/server.js';
import { eventually } from '../support/eventually.js';
import { issue, makeAuthority, noOpenssl } from './certificates.js';
import { ask, basic, bearer, serveWith } from './serve.js';

const QUICK: Partial<ServerLimits> = { headersMs: 300, requestMs: 600, idleMs: 500, answerMs: 2_000 };
const CHUNK = 'x'.repeat(64 * 1024 - 1);
const HUGE_CHUNKS = 320; // 20 MB

async function serve(t: TestContext, options: Partial<ServerOptions> = {}): Promise<MetricsServer> {
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    collect: async () => 'up 1\n',
    onError: () => {},
    ...options,
  });
  t.after(() => server.close());
  return server;
}

interface Attack {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  text(): string;
}

/** A connection that survives being cut off; `text` is what it was answered. */
function attack({ port }: MetricsServer, bytes: string | Buffer = ''): Attack {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  if (bytes.length > 0) socket.write(bytes);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  return { socket, closed, text: () => text };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that this process holds, after a collection. */
function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

async function assertServes(server: MetricsServer): Promise<void> {
  const startMs = performance.now();
  const { status, body } = await ask(server, '/metrics');
  assert.deepEqual([status, body], [200, 'up 1\n']);
  assert.ok(performance.now() - startMs < 2_000, 'a scrape took more than 2 s');
}

describe('slow clients', () => {
  test('who never finishes the headers is cut off, and others are answered meanwhile', async (t) => {
    const server = await serve(t, { limits: { ...QUICK, requestMs: 60_000 } });
    const slow = Array.from({ length: 50 }, () => attack(server, 'GET /metrics HTTP/1.1\r\nHost: x\r\n'));
    const timer = setInterval(() => {
      for (const { socket } of slow) if (socket.writable) socket.write('X-A: b\r\n');
    }, 100);
    t.after(() => clearInterval(timer));
    await assertServes(server);
    await Promise.all(slow.map(({ closed }) => closed));
    for (const { text } of slow)
      assert.match(text(), /^(HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n\r\n)?$/);
    await assertServes(server);
  });

  test('who says nothing at all is cut off', async (t) => {
    const server = await serve(t, { limits: QUICK });
    const { closed } = attack(server);
    await closed;
    await assertServes(server);
  });

  for (const [title, header, chunk] of [
    ['of a given length', 'Content-Length: 1000000', 'x'],
    ['in chunks', 'Transfer-Encoding: chunked', '1\r\nx\r\n'],
  ] as const) {
    test(`who sends a body ${title} bit by bit is answered without it and cut off`, async (t) => {
      const server = await serve(t, { limits: { ...QUICK, requestMs: 60_000, idleMs: 60_000, answerMs: 60_000 } });
      const slow = attack(server, `GET /metrics HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n${chunk}`);
      const timer = setInterval(() => slow.socket.writable && slow.socket.write(chunk), 50);
      t.after(() => clearInterval(timer));
      await slow.closed;
      assert.match(slow.text(), /^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*\r\nup 1\n$/);
    });
  }

  test('who waits between two scrapes for longer than anything may stand still is served on the same connection', async (t) => {
    const server = await serve(t, { limits: { idleMs: 300, headersMs: 300, requestMs: 300, keepAliveMs: 10_000 } });
    const scraper = attack(server, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(scraper.text, (text) => text.endsWith('up 1\n'));
    await delay(1_500);
    scraper.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(scraper.text, (text) => text.split('up 1\n').length === 3);
    scraper.socket.destroy();
  });

  test('who never reads a huge answer is cut off, and it was not made in advance', async (t) => {
    let made = 0;
    let ended = 0;
    function* huge() {
      try {
        for (let i = 0; i < HUGE_CHUNKS; i++) {
          made++;
          yield `${CHUNK}\n`;
        }
      } finally {
        ended++;
      }
    }
    let isHuge = true;
    const server = await serve(t, {
      limits: { ...QUICK, answerMs: 60_000 },
      collect: async () => (isHuge ? huge() : 'up 1\n'),
    });
    const before = heldBytes();
    const idle = Array.from({ length: 4 }, () => {
      const client = attack(server);
      client.socket.pause();
      client.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
      return client;
    });
    await eventually(
      () => ended,
      (count) => count === 4,
    );
    assert.ok(made < 4 * HUGE_CHUNKS * 0.75, `${made} of ${4 * HUGE_CHUNKS} chunks were made for nobody`);
    for (const { socket } of idle) socket.destroy();
    const grownMiB = (heldBytes() - before) / 1024 ** 2;
    assert.ok(grownMiB < 8, `${grownMiB} MiB are held after the attack`);
    isHuge = false;
    await assertServes(server);
  });

  test('who reads a huge answer drop by drop is cut off in the end', async (t) => {
    function* endless() {
      for (;;) yield `${CHUNK}\n`;
    }
    const server = await serve(t, { limits: { ...QUICK, answerMs: 700 }, collect: async () => endless() });
    const startMs = performance.now();
    const reader = attack(server, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await reader.closed;
    assert.ok(performance.now() - startMs < 5_000);
  });
});

describe('many', () => {
  test('2,000 connections: the scraper that comes last is answered, and its connection is kept', {
    timeout: 30_000,
  }, async (t) => {
    // Nothing but their number ends these connections.
    const server = await serve(t, { limits: { headersMs: 60_000, requestMs: 60_000, idleMs: 60_000 } });
    const scraper = attack(server, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(scraper.text, (text) => text.endsWith('up 1\n'));
    const before = heldBytes();
    const attackers: Socket[] = [];
    t.after(() => {
      for (const socket of attackers) socket.destroy();
    });
    for (let i = 0; i < 20; i++) {
      const round = Array.from({ length: 100 }, () => attack(server).socket);
      attackers.push(...round);
      await Promise.all(round.map((socket) => (socket.connecting ? once(socket, 'connect') : undefined)));
      if (i % 5 === 4) await assertServes(server);
    }
    await eventually(
      () => attackers.filter((socket) => !socket.closed).length,
      (open) => open <= 256,
    );
    await assertServes(server);
    scraper.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(scraper.text, (text) => text.split('up 1\n').length === 3);
    scraper.socket.destroy();
    for (const socket of attackers.splice(0)) socket.destroy();
    await assertServes(server);
    const grownMiB = (heldBytes() - before) / 1024 ** 2;
    assert.ok(grownMiB < 8, `${grownMiB} MiB are held after the attack`);
  });

  test('scrapes beyond the limit get 503 with a time to come back, health is told all the same', async (t) => {
    let finish: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let asked = 0;
    const server = await serve(t, {
      open: ['/livez'],
      routes: { '/livez': () => ({ status: 200, body: 'ok\n' }) },
      collect: async () => {
        asked++;
        await held;
        return 'up 1\n';
      },
    });
    const waiting = Array.from({ length: 8 }, () => ask(server, '/metrics'));
    await eventually(
      () => asked,
      (count) => count === 8,
    );
    const { status, headers } = await ask(server, '/metrics');
    assert.deepEqual([status, headers['retry-after']], [503, '1']);
    assert.equal((await ask(server, '/livez')).status, 200);
    finish();
    for (const answer of await Promise.all(waiting)) assert.equal(answer.status, 200);
    await assertServes(server);
  });

  test('clients that go away while they wait leave room', async (t) => {
    let isHeld = true;
    let asked = 0;
    const server = await serve(t, {
      collect: () => {
        asked++;
        return isHeld ? new Promise<string>(() => {}) : Promise.resolve('up 1\n');
      },
    });
    const gone = Array.from({ length: 8 }, () => attack(server, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'));
    await eventually(
      () => asked,
      (count) => count === 8,
    );
    isHeld = false;
    for (const { socket } of gone) socket.destroy();
    await eventually(
      () => ask(server, '/metrics'),
      ({ status }) => status === 200,
    );
  });

  test('clients that go away while their credentials are looked at leave room', async (t) => {
    const pending: (() => void)[] = [];
    let isSlow = true;
    const guard: Guard = {
      tls: undefined,
      headers: {},
      isPrivate: true,
      isOpen: false,
      refresh: () => {},
      check: () =>
        isSlow ? new Promise((resolve) => pending.push(() => resolve(undefined))) : Promise.resolve(undefined),
    };
    let collected = 0;
    const server = await serve(t, {
      guard,
      collect: async () => {
        collected++;
        return 'up 1\n';
      },
    });
    const gone = Array.from({ length: 8 }, () => attack(server, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'));
    await eventually(
      () => pending.length,
      (count) => count === 8,
    );
    for (const { socket } of gone) socket.destroy();
    isSlow = false;
    // The server has seen that they are gone once it answers whoever came after.
    await assertServes(server);
    await delay(100);
    for (const resolve of pending) resolve();
    await assertServes(server);
    assert.equal(collected, 2, 'nothing was collected for whoever was gone');
  });

  test('thousands of requests in one go end the connection', async (t) => {
    let collected = 0;
    const server = await serve(t, {
      collect: async () => {
        collected++;
        return 'up 1\n';
      },
    });
    const pipelined = attack(server, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5_000));
    await pipelined.closed;
    assert.ok(collected <= 4, `${collected} scrapes`);
    await assertServes(server);
  });

  test('a connection serves a thousand requests and is then closed in an orderly way', async (t) => {
    const server = await serve(t, { limits: { maxRequestsPerConnection: 2 } });
    const client = attack(server, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(client.text, (text) => text.endsWith('up 1\n'));
    client.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.closed;
    assert.equal(client.text().match(/Connection: keep-alive/g)?.length, 1);
    assert.equal(client.text().match(/Connection: close/g)?.length, 1);
  });
});

describe('odd requests', () => {
  const MARK = 'reflected-mark';
  const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\nHost: ${MARK}\r\n${more}\r\n`;
  const body = (headers: string, sent: string) => `GET /metrics HTTP/1.1\r\nHost: x\r\n${headers}\r\n${sent}`;
  const cases: readonly [title: string, bytes: string | Buffer, statuses: readonly number[]][] = [
    ['another path', get(`/${MARK}`), [404]],
    ['a path that begins alike', get(`/metrics/${MARK}`), [404]],
    ['two slashes', get('//metrics'), [404]],
    ['three slashes and a host', get(`///${MARK}/metrics`), [404]],
    ['a way up', get('/x/../metrics'), [404]],
    ['a way up after the path', get('/metrics/../../etc/passwd'), [404]],
    ['an encoded way up', get('/%2e%2e/metrics'), [404]],
    ['an encoded letter', get('/%6detrics'), [404]],
    ['an encoded null', get('/metrics%00'), [404]],
    ['a semicolon', get(`/metrics;${MARK}`), [404]],
    ['a fragment', get('/metrics#x'), [404]],
    ['a backslash', get('/\\metrics'), [404]],
    ['a name of every object', get('/__proto__'), [404]],
    ['a slash at the end', get('/metrics/'), [404]],
    ['an encoded slash at the end', get('/metrics%2f'), [404]],
    ['letters of another case', get('/METRICS'), [404]],
    ['a query', get(`/metrics?${MARK}=/../x`), [200]],
    ['an absolute address', get(`http://${MARK}/metrics`), [200]],
    ['an absolute address with a query', get(`HTTP://${MARK}:1/metrics?x`), [200]],
    ['an absolute address without a path', get(`https://${MARK}`), [200]],
    ['an absolute address of another path', get(`http://${MARK}//metrics`), [404]],
    ['an absolute address without a host', get('http:///metrics'), [400, 404]],
    ['an absolute address of another scheme', get(`ftp://${MARK}/metrics`), [400, 404]],
    ['an address in an address', get(`http://${MARK}/http://x/metrics`), [404]],
    ['HTTP/1.0', 'GET /metrics HTTP/1.0\r\n\r\n', [200]],
    ['HTTP/0.9', 'GET /metrics\r\n\r\n', [200, 400]],
    ['HTTP/1.9', `GET /metrics HTTP/1.9\r\nHost: x\r\n\r\n`, [200, 400]],
    ['an asterisk', get('*'), [400, 404]],
    ['a null byte', Buffer.from(get('/metrics\0')), [400]],
    ['a null byte in a header', Buffer.from(get('/metrics', 'X-A: a\0b\r\n')), [400]],
    ['a byte beyond ASCII', Buffer.from(get('/metrics\xff'), 'latin1'), [400, 404]],
    ['64 kB of cookies', get('/metrics', `Cookie: ${MARK}=${'x'.repeat(65_536)}\r\n`), [431]],
    ['a path of 64 kB', get(`/${'x'.repeat(65_536)}`), [431]],
    ['5,000 headers', get('/metrics', Array.from({ length: 5_000 }, (_, i) => `X-${i}: ${MARK}\r\n`).join('')), [431]],
    ['no host', 'GET /metrics HTTP/1.1\r\n\r\n', [400]],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
    ['a preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 404, 405]],
    [
      'an upgrade to HTTP/2',
      get('/metrics', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n'),
      [200],
    ],
    ['an upgrade to WebSocket', get('/metrics', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'), [200]],
    ['garbage', `${MARK} ${MARK}\r\n\r\n`, [400]],
    ['a tunnel', `CONNECT ${MARK}:443 HTTP/1.1\r\nHost: x\r\n\r\n`, []],
    ['TRACE', `TRACE /metrics HTTP/1.1\r\nHost: x\r\nX-A: ${MARK}\r\n\r\n`, [405]],
    ['POST with a body', `POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n\r\n${MARK}`, [405]],
    ['a body that waits to be asked for', body('Content-Length: 5\r\nExpect: 100-continue\r\n', ''), [417]],
    ['another expectation', body(`Expect: ${MARK}\r\n`, ''), [417]],
    ['GET with a body', body(`Content-Length: ${MARK.length}\r\n`, MARK), [200]],
    ['a request in a body', body('Content-Length: 38\r\n', `GET /${MARK} HTTP/1.1\r\nHost: x\r\n\r\n`), [200]],
    ['two lengths', body('Content-Length: 5\r\nContent-Length: 0\r\n', MARK), [400]],
    ['two lengths in one', body('Content-Length: 5, 0\r\n', MARK), [400]],
    ['a length and chunks', body('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), [400]],
    ['chunks and a length', body('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'), [400]],
    ['a negative length', body('Content-Length: -1\r\n', ''), [400]],
    ['chunks twice', body('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'), [400]],
    ['chunks with a space before the colon', body('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'), [400]],
    ['a folded header', body('X-A: a\r\n b\r\n', ''), [200, 400]],
    ['a bare line feed', 'GET /metrics HTTP/1.1\nHost: x\n\n', [200, 400]],
    ['a bare carriage return in a header', body('X-A: a\rX-B: b\r\n', ''), [400]],
  ];
  for (const [title, bytes, statuses] of cases) {
    test(`${title}: ${statuses.join(' or ') || 'no answer'}`, async (t) => {
      const server = await serve(t, { limits: QUICK });
      const client = attack(server, bytes);
      const seen = statuses.length === 0 ? client.closed : eventually(client.text, (text) => text.includes('\r\n\r\n'));
      await seen;
      // What could follow on the same connection must not be an answer to a second request.
      client.socket.end();
      await client.closed;
      const text = client.text();
      const answered = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
      assert.ok(answered.length === Math.min(1, statuses.length), text);
      if (statuses.length > 0) assert.ok(statuses.includes(answered[0] ?? 0), text);
      assert.ok(!text.includes(MARK), text);
      await assertServes(server);
    });
  }

  test('garbage after a request is an answer and an error, and the connection is gone', async (t) => {
    const server = await serve(t);
    const client = attack(server, `${get('/metrics')}\0\x01\x02garbage\r\n\r\n${get('/metrics')}`);
    await client.closed;
    assert.equal(client.text().match(/HTTP\/1\.1 400/g)?.length, 1);
    assert.ok((client.text().match(/HTTP\/1\.1 200/g)?.length ?? 0) <= 1);
    await assertServes(server);
  });
});

describe('guessing', () => {
  test('thousands of wrong credentials are refused, and the right one is let in between them', async (t) => {
    const { server } = await serveWith(t, { token: 'the right one', username: 'a', password: 'b' });
    const guesses = [
      bearer('the wrong one'),
      basic('a', 'c'),
      {},
      { authorization: 'Bearer' },
      { authorization: 'x'.repeat(9_000) },
    ];
    let done = false;
    const guess = async () => {
      for (let round = 0; round < 25; round++) {
        for (const headers of guesses) {
          const { status, body } = await ask(server, '/metrics', headers);
          assert.equal(status, 401);
          assert.doesNotMatch(body, /up 1|wrong|right/);
        }
      }
    };
    const attackers = Promise.all(Array.from({ length: 10 }, guess)).finally(() => {
      done = true;
    });
    while (!done) assert.equal((await ask(server, '/metrics', bearer('the right one'))).status, 200);
    await attackers;
  });

  test('comparing takes the same steps for every guess', () => {
    // Time cannot be measured in a test; what can be seen is that digests of one length are compared by the one function for it.
    const source = readFileSync('src/access/credentials.ts', 'utf8');
    assert.match(source, /for \(const one of wanted\) if \(timingSafeEqual\(shown, one\)\) found = true;/);
    const guard = readFileSync('src/access/guard.ts', 'utf8');
    assert.doesNotMatch(guard, /(token|secret|password)s? ===|=== (token|secret|password)/);
  });
});

describe('TLS', { skip: noOpenssl }, () => {
  test('who never shakes hands is cut off, and others are served meanwhile', { timeout: 20_000 }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'loopsight-attacks-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const authority = makeAuthority(folder, 'authority');
    const pair = issue(folder, authority, 'server', 'IP:127.0.0.1');
    const options = { tlsCertFile: pair.cert, tlsKeyFile: pair.key };
    const { server } = await serveWith(t, options, { limits: { ...QUICK, handshakeMs: 400, maxConnections: 64 } });
    const ca = readFileSync(authority.cert, 'utf8');
    const silent = Array.from({ length: 200 }, () => attack(server));
    const garbage = Array.from({ length: 50 }, () => attack(server, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'));
    assert.equal((await ask(server, '/metrics', {}, { ca })).status, 200);
    await Promise.all([...silent, ...garbage].map(({ closed }) => closed));
    for (const { text } of garbage) assert.doesNotMatch(text(), /HTTP/);
    assert.equal((await ask(server, '/metrics', {}, { ca })).status, 200);
  });
});
