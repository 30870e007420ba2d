// On the way to a Prometheus: proxies that forward or open a tunnel, a server that wants a certificate, a tenant's header.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener, request } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { transportFrom } from '../../src/cli/transport.js';
import { prometheusUrl } from '../../src/compare/prometheus/base-url.js';
import { createPrometheusClient } from '../../src/compare/prometheus/client.js';
import { issue, makeAuthority, noOpenssl } from '../access/certificates.js';
import { root } from '../support/run-node.js';

interface Seen {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly client: string | undefined;
}

const folder = mkdtempSync(join(tmpdir(), 'loopsight-way-'));
const seen: Seen[] = [];
/** What proxies were asked for: the first line, and who asked. */
const asked: string[] = [];
const servers: Server[] = [];
const sockets = new Set<Socket>();

const prometheus: RequestListener = (message, response) => {
  const client =
    'getPeerCertificate' in message.socket ? (message.socket as TLSSocket).getPeerCertificate() : undefined;
  seen.push({ url: message.url, headers: message.headers, client: client?.subject?.CN as string | undefined });
  response.end(
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1,"1"]]}]}}',
  );
};

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A proxy for which every host is this machine; it wants `credentials` where they are given. */
function createProxy(credentials?: string): Server {
  const isAllowed = (headers: IncomingHttpHeaders) =>
    credentials === undefined ||
    headers['proxy-authorization'] === `Basic ${Buffer.from(credentials).toString('base64')}`;
  const proxy = createServer((message, response) => {
    asked.push(`${message.method} ${message.url}`);
    if (!isAllowed(message.headers)) return void response.writeHead(407).end();
    const target = new URL(message.url ?? '');
    const { 'proxy-authorization': _, ...headers } = message.headers;
    const options = { host: '127.0.0.1', port: target.port, path: target.pathname, method: message.method, headers };
    message.pipe(request(options, (answer) => answer.pipe(response)));
  });
  proxy.on('connect', (message, socket: Socket) => {
    asked.push(`CONNECT ${message.url}`);
    sockets.add(socket);
    if (message.url?.startsWith('forbidden')) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    // It takes the call, and then nothing comes.
    if (message.url?.startsWith('silent')) return socket.write('HTTP/1.1 200 OK\r\n\r\n');
    if (!isAllowed(message.headers)) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const through = connect(Number(message.url?.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(through).pipe(socket);
    });
    through.on('error', () => socket.destroy());
  });
  return proxy;
}

let plain = 0;
let secure = 0;
let proxy = 0;
let strictProxy = 0;
before(async () => {
  plain = await listen(createServer(prometheus));
  proxy = await listen(createProxy());
  strictProxy = await listen(createProxy('me:s€cret'));
  if (noOpenssl !== false) return;
  const authority = makeAuthority(folder, 'authority');
  const server = issue(folder, authority, 'server', 'DNS:prometheus.test,IP:127.0.0.1');
  issue(folder, authority, 'client', 'DNS:client.test');
  const [cert, key, ca] = [server.cert, server.key, authority.cert].map((path) => readFileSync(path));
  secure = await listen(createHttpsServer({ cert, key, ca, requestCert: true }, prometheus));
});
after(() => {
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(given: string, environment: Readonly<Record<string, string>>, timeoutMs = 20_000) {
  const url = prometheusUrl(given);
  const transport = transportFrom(environment, 'LOOPSIGHT_PROMETHEUS', url);
  seen.length = 0;
  asked.length = 0;
  const client = createPrometheusClient({ url, timeoutMs, authorization: 'Bearer secret', transport });
  await client.range('up', { startS: 0, endS: 1, stepS: 1 });
  const [first] = seen;
  assert.ok(first !== undefined);
  return first;
}

it('sends further headers, with every kind of request', async () => {
  const { headers } = await ask(`http://127.0.0.1:${plain}`, {
    LOOPSIGHT_PROMETHEUS_HEADERS: 'X-Scope-OrgID=shop%7Cpay, X-Team = a=b ',
  });
  assert.deepEqual([headers['x-scope-orgid'], headers['x-team']], ['shop|pay', 'a=b']);
  assert.equal(headers.authorization, 'Bearer secret');
});

it('asks by a proxy that forwards, whose credentials the server does not see', async () => {
  const { url, headers } = await ask(`http://prometheus.test:${plain}/team?dedup=true`, {
    HTTP_PROXY: `me:s%E2%82%ACcret@127.0.0.1:${strictProxy}`,
  });
  assert.deepEqual(asked, [`POST http://prometheus.test:${plain}/team/api/v1/query_range?dedup=true`]);
  assert.deepEqual([url, headers.host], ['/team/api/v1/query_range', `prometheus.test:${plain}`]);
  assert.deepEqual([headers.authorization, headers['proxy-authorization']], ['Bearer secret', undefined]);
});

it('keeps name and password of the URL for the server', async () => {
  const { headers } = await ask(`http://user:password@prometheus.test:${plain}`, { http_proxy: `127.0.0.1:${proxy}` });
  assert.deepEqual(asked, [`POST http://prometheus.test:${plain}/api/v1/query_range`]);
  assert.equal(headers.authorization, `Basic ${Buffer.from('user:password').toString('base64')}`);
});

const FAILURES: readonly (readonly [
  name: string,
  url: () => string,
  environment: () => Readonly<Record<string, string>>,
  sentence: RegExp,
  timeoutMs?: number,
])[] = [
  [
    'a proxy that is not there',
    () => 'http://prometheus.test',
    () => ({ HTTP_PROXY: '127.0.0.1:1' }),
    /^http:\/\/prometheus\.test\/api\/v1\/query_range could not be reached through http:\/\/127\.0\.0\.1:1: nothing listens there\.$/,
  ],
  [
    'a proxy that wants credentials',
    () => `http://prometheus.test:${plain}`,
    () => ({ HTTP_PROXY: `127.0.0.1:${strictProxy}` }),
    /^http:\/\/127\.0\.0\.1:\d+ asks for credentials: they belong into the proxy's URL/,
  ],
  [
    'a proxy that wants credentials for a tunnel',
    () => `https://prometheus.test:${secure}`,
    () => ({ HTTPS_PROXY: `127.0.0.1:${strictProxy}` }),
    /^http:\/\/127\.0\.0\.1:\d+ asks for credentials/,
  ],
  [
    'a proxy that opens no tunnel',
    () => 'https://forbidden.test',
    () => ({ HTTPS_PROXY: `http://me:secret@127.0.0.1:${proxy}` }),
    /^http:\/\/127\.0\.0\.1:\d+ did not connect to forbidden\.test:443 \(status 403\)\.$/,
  ],
  [
    'a server that is no proxy',
    () => 'https://prometheus.test',
    () => ({ HTTPS_PROXY: `127.0.0.1:${plain}` }),
    /could not be reached through http:\/\/127\.0\.0\.1:\d+: .+\.$/,
  ],
  [
    'a tunnel in which nothing is said',
    () => 'https://silent.test',
    () => ({ HTTPS_PROXY: `127.0.0.1:${proxy}` }),
    /^https:\/\/silent\.test\/api\/v1\/query_range did not answer/,
    400,
  ],
];
for (const [name, url, environment, sentence, timeoutMs] of FAILURES) {
  it(`says what is wrong: ${name}`, () => assert.rejects(ask(url(), environment(), timeoutMs), { message: sentence }));
}

describe('over TLS', { skip: noOpenssl }, () => {
  const certificate = {
    LOOPSIGHT_PROMETHEUS_CERT_FILE: join(folder, 'client.crt'),
    LOOPSIGHT_PROMETHEUS_KEY_FILE: join(folder, 'client.key'),
  };
  /** Asks in a process of its own: the authorities that are trusted are read at its start. */
  async function askThere(given: string, environment: Readonly<Record<string, string>>) {
    seen.length = 0;
    asked.length = 0;
    const code = `
      const { runHere } = await import('./test/support/run-here.ts');
      const { error } = await runHere('compare', '--prometheus', ${JSON.stringify(given)});
      console.log(error);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', code],
      { cwd: root, timeout: 60_000, env: { ...process.env, ...certificate, ...environment } },
    );
    return { stdout, first: seen[0] };
  }
  const trusting = { NODE_EXTRA_CA_CERTS: join(folder, 'authority.crt') };

  it("shows a client's certificate", async () => {
    const { stdout, first } = await askThere(`https://127.0.0.1:${secure}`, trusting);
    assert.equal(first?.client, 'client', stdout);
    assert.deepEqual(asked, []);
  });

  it('asks through a tunnel, in which the proxy sees nothing', async () => {
    const further = { HTTPS_PROXY: `127.0.0.1:${proxy}`, NO_PROXY: 'example.com' };
    const { stdout, first } = await askThere(`https://prometheus.test:${secure}`, { ...trusting, ...further });
    assert.equal(first?.client, 'client', stdout);
    assert.equal(first?.headers.host, `prometheus.test:${secure}`);
    assert.deepEqual([...new Set(asked)], [`CONNECT prometheus.test:${secure}`]);
    // An answer without anything in it: all of the way was gone.
    assert.match(stdout, /No series of job|has no metrics of Loopsight|has no labels/);
  });

  it("checks the server's certificate, directly and through a tunnel", async () => {
    for (const [url, environment] of [
      [`https://127.0.0.1:${secure}`, certificate],
      [`https://prometheus.test:${secure}`, { ...certificate, HTTPS_PROXY: `127.0.0.1:${proxy}` }],
    ] as const) {
      await assert.rejects(ask(url, environment), /could not be reached.*certificate/);
    }
    const another = { HTTPS_PROXY: `127.0.0.1:${proxy}` };
    const { stdout, first } = await askThere(`https://another.test:${secure}`, { ...trusting, ...another });
    assert.match(stdout, /could not be reached through .*another\.test/);
    assert.equal(first, undefined);
  });
});

const WRONG: readonly (readonly [variables: Readonly<Record<string, string>>, message: RegExp])[] = [
  [{ LOOPSIGHT_PROMETHEUS_HEADERS: 'no pair' }, /LOOPSIGHT_PROMETHEUS_HEADERS/],
  [{ LOOPSIGHT_PROMETHEUS_HEADERS: 'a b=c' }, /to have names and values of HTTP headers, got `a b`/],
  [{ LOOPSIGHT_PROMETHEUS_HEADERS: 'a=b%0d%0aEvil: 1' }, /to have names and values of HTTP headers, got `a`/],
  [{ LOOPSIGHT_PROMETHEUS_HEADERS: 'Host=evil' }, /to leave `Host` alone/],
  [{ LOOPSIGHT_PROMETHEUS_CERT_FILE: '/nowhere' }, /LOOPSIGHT_PROMETHEUS_CERT_FILE.*\/nowhere/],
  [{ LOOPSIGHT_PROMETHEUS_KEY_FILE: join(folder, 'text') }, /`LOOPSIGHT_PROMETHEUS_CERT_FILE` to be set as well/],
  [
    { LOOPSIGHT_PROMETHEUS_CERT_FILE: join(folder, 'text'), LOOPSIGHT_PROMETHEUS_KEY_FILE: join(folder, 'text') },
    /to name a certificate and its key in PEM/,
  ],
];
for (const [variables, message] of WRONG) {
  it(`refuses ${JSON.stringify(variables).replaceAll(folder, '…')}`, () => {
    writeFileSync(join(folder, 'text'), 'text');
    const url = new URL('http://prometheus');
    assert.throws(() => transportFrom(variables, 'LOOPSIGHT_PROMETHEUS', url), { name: 'TypeError', message });
  });
}
