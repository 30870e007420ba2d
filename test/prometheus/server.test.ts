import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type TestContext, test } from 'node:test';
import { isOwn, markOwn } from '../../src/own.js';
import { type MetricsServer, type ServerOptions, startServer } from '../../src/prometheus/server.js';

interface Answer {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

async function start(t: TestContext, options: Partial<ServerOptions> = {}): Promise<MetricsServer> {
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    collect: async () => 'up{name="é"} 1\n',
    onError: () => {},
    ...options,
  });
  t.after(() => server.close());
  return server;
}

function ask({ host, port }: MetricsServer, method: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('GET /metrics answers what was collected, with or without a query', async (t) => {
  const server = await start(t);
  assert.ok(server.port > 0);
  assert.equal(server.url, `http://127.0.0.1:${server.port}/metrics`);
  for (const path of ['/metrics', '/metrics?name[]=up']) {
    const { status, headers, body } = await ask(server, 'GET', path);
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(body, 'up{name="é"} 1\n');
    assert.equal(headers['content-length'], String(Buffer.byteLength(body)));
  }
});

test('HEAD has the headers of GET and no body', async (t) => {
  const { status, headers, body } = await ask(await start(t), 'HEAD', '/metrics');
  assert.deepEqual([status, headers['content-length'], body], [200, '16', '']);
});

for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
  test(`${method} is not allowed`, async (t) => {
    const { status, headers } = await ask(await start(t), method, '/metrics');
    assert.deepEqual([status, headers.allow], [405, 'GET, HEAD']);
  });
}

test('other paths are not found, and nothing of them is reflected', async (t) => {
  const server = await start(t);
  for (const path of ['/reflected', '/metrics/reflected', '/METRICS', '//metrics', '/%2e/reflected?reflected']) {
    const { status, headers, body } = await ask(server, 'GET', path);
    assert.equal(status, 404);
    assert.doesNotMatch(body + JSON.stringify(headers), /reflected|%2e/i);
  }
});

test('the root names the path of the metrics in two lines', async (t) => {
  const { status, headers, body } = await ask(await start(t), 'GET', '/');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  assert.match(body, /^.+\n.*\/metrics\n$/);
});

test('a collection that fails is answered with 500 and told, also when being told fails', async (t) => {
  const told: unknown[] = [];
  const server = await start(t, {
    collect: () => Promise.reject(new Error('secret')),
    onError: (error) => {
      told.push(error);
      throw new Error('the one who is told throws');
    },
  });
  const { status, body } = await ask(server, 'GET', '/metrics');
  assert.equal(status, 500);
  assert.equal(body, 'The metrics could not be collected.\n');
  assert.match(String(told[0]), /secret/);
  const thrower = await start(t, {
    collect: () => {
      throw new Error('synchronously');
    },
  });
  assert.equal((await ask(thrower, 'GET', '/metrics')).status, 500);
});

test('metrics in the place of an open path are guarded all the same', async (t) => {
  const guard = {
    tls: undefined,
    headers: {},
    isOpen: false,
    isPrivate: true,
    check: async () => ({ status: 401, body: 'Unauthorized\n' }),
    refresh: () => {},
  };
  const routes = { '/healthz': () => ({ status: 200, body: 'well\n' }) };
  const open = ['/healthz'];
  const beside = await start(t, { guard, routes, open });
  assert.equal((await ask(beside, 'GET', '/healthz')).status, 200);
  const instead = await start(t, { guard, routes, open, path: '/healthz' });
  assert.equal((await ask(instead, 'GET', '/healthz')).status, 401);
});

test('a busy port rejects with EADDRINUSE', async (t) => {
  const { port } = await start(t);
  await assert.rejects(start(t, { port }), { code: 'EADDRINUSE' });
});

const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

test('an IPv6 address stands in brackets in the URL', { skip: !hasIPv6 && 'no IPv6 loopback here' }, async (t) => {
  const server = await start(t, { host: '::1' });
  assert.equal(server.url, `http://[::1]:${server.port}/metrics`);
  assert.equal((await fetch(server.url)).status, 200);
});

test('the URL of a server on every address says localhost', async (t) => {
  const server = await start(t, { host: '0.0.0.0' });
  assert.equal(server.host, '0.0.0.0');
  assert.equal(server.url, `http://localhost:${server.port}/metrics`);
});

test('close ends open connections, also one in the middle of a request, and may be called twice', async (t) => {
  let asked: () => void = () => {};
  const collecting = new Promise<void>((resolve) => {
    asked = resolve;
  });
  let hang = false;
  const server = await start(t, {
    collect: () => {
      if (!hang) return Promise.resolve('');
      asked();
      return new Promise<string>(() => {});
    },
  });
  const idle = connect(server.port, server.host);
  idle.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  const [first] = (await once(idle, 'data')) as [Buffer];
  assert.match(first.toString(), /^HTTP\/1\.1 200 [\s\S]*Connection: keep-alive/);
  hang = true;
  const waiting = connect(server.port, server.host);
  waiting.on('error', () => {});
  waiting.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  await collecting;
  idle.resume();
  waiting.resume();
  const closed = Promise.all([once(idle, 'close'), once(waiting, 'close')]);
  await server.close();
  await server.close();
  await closed;
});

test('headers beyond the limit are refused', async (t) => {
  const { port, host } = await start(t);
  const socket = connect(port, host);
  socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 431 /);
  socket.destroy();
});

test('with unref, neither the server nor an open connection keeps the process alive', async (t) => {
  const module = new URL('../../src/prometheus/server.ts', import.meta.url).href;
  const program = `
    import { connect } from 'node:net';
    const { startServer } = await import(${JSON.stringify(module)});
    const server = await startServer({ host: '127.0.0.1', port: 0, collect: async () => '', onError() {}, unref: true });
    const client = connect(server.port, '127.0.0.1').unref();
    client.write('GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n');
    await new Promise((resolve) => {
      const alive = setInterval(() => {}, 1000);
      client.once('data', () => { clearInterval(alive); resolve(); });
    });
    console.log('answered');
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code, signal] = await once(child, 'close');
  assert.deepEqual([code, signal, output], [0, null, 'answered\n']);
});

test('a server of ours is known by a mark that is not enumerable', () => {
  const server = createServer();
  assert.equal(isOwn(server), false);
  const before = Object.keys(server);
  markOwn(server);
  assert.equal(isOwn(server), true);
  assert.deepEqual(Object.keys(server), before);
  for (const other of [undefined, null, 'server', {}]) assert.equal(isOwn(other), false);
});
