// Servers that are no Prometheus, or no good one: one sentence and exit code 3, within the time limit.
import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { runHere, serve } from '../support/run-here.js';

/** Enough for an answer on any machine. */
const LIMIT_S = 20;
/** Where there is never an answer. */
const SHORT_LIMIT_S = 1.5;

const json =
  (body: unknown, status = 200): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
const matrix = (result: unknown): RequestListener =>
  json({ status: 'success', data: { resultType: 'matrix', result } });
const refusal = (status: number, errorType: string, error: string): RequestListener =>
  json({ status: 'error', errorType, error }, status);
const loop = { __name__: 'loopsight_eventloop_lag_seconds_count', job: 'shop', service_version: '1' };

/** Writes `piece` again and again, as fast as it is read or every `everyMs`. */
const endless =
  (start: string, piece: string, everyMs?: number): RequestListener =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(start);
    if (everyMs !== undefined) {
      const timer = setInterval(() => response.write(piece), everyMs);
      response.on('close', () => clearInterval(timer));
      return;
    }
    const more = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on('drain', more);
    more();
  };

function redirectTo(place: (request: IncomingMessage) => string): RequestListener {
  return (request, response) => {
    response.writeHead(302, { location: place(request) });
    response.end();
  };
}

// Made once: what a test does itself is no time of the command.
const BOMB = gzipSync(Buffer.alloc(65 * 1024 ** 2), { level: 1 });
const MANY_SERIES = gzipSync(
  `{"status":"success","data":{"resultType":"matrix","result":[${`${JSON.stringify({ metric: loop, values: [[1, '1']] })},`.repeat(30_000)}{}]}}`,
  { level: 1 },
);
const zipped =
  (body: Buffer): RequestListener =>
  (_, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(body);
  };

const SERVERS: readonly (readonly [name: string, server: RequestListener, sentence: RegExp, limitS?: number])[] = [
  [
    'HTML',
    (_, response) => response.setHeader('content-type', 'text/html').end('<html><body>Sign in</body></html>'),
    /answered with HTML, not with Prometheus' JSON/,
  ],
  [
    'HTML as status 404',
    (_, response) => response.writeHead(404).end('<h1>Not Found</h1>'),
    /was not found \(status 404\); a path prefix belongs into --prometheus/,
  ],
  [
    'half JSON',
    json('{"status":"success","data":{"resultType":"matrix","result":[{"met'),
    /JSON that ends early or is broken/,
  ],
  ['nothing', json(''), /answered with nothing/],
  ['text', json('up 1\n'), /something that is no JSON/],
  ['other JSON', json({ hello: 'world' }), /JSON that is no result of a query/],
  ['null', json('null'), /JSON that is no result of a query/],
  ['an array', json('[1]'), /JSON that is no result of a query/],
  ['deep JSON', json(`${'['.repeat(1e5)}${']'.repeat(1e5)}`), /JSON that is no result of a query/],
  [
    'a vector',
    json({ status: 'success', data: { resultType: 'vector', result: [] } }),
    /answered a range query with vector/,
  ],
  ['a result that is no list', matrix({}), /JSON that is no result of a query/],
  ['series without labels', matrix([{ values: [] }]), /a series that has no labels or no values/],
  ['labels that are numbers', matrix([{ metric: { job: 1 }, values: [] }]), /a series that has no labels or no values/],
  ['points that are none', matrix([{ metric: loop, values: [1, 2] }]), /a point that is no pair of time and value/],
  [
    'values that are numbers',
    matrix([{ metric: loop, values: [[1, 1]] }]),
    /a point that is no pair of time and value/,
  ],
  ['no series', matrix([]), /has no metrics of Loopsight from the last 1 day\./],
  [
    'NaN alone',
    matrix([{ metric: loop, values: [[1, 'NaN']] }]),
    /has no metrics of Loopsight|No series of job shop has the label service_version/,
  ],
  [
    'status 400',
    refusal(400, 'bad_data', 'invalid parameter "query": parse error\u001b[2J'),
    /could not answer a query \(status 400\): invalid parameter "query": parse error\[2J\./,
  ],
  [
    'an error with status 200',
    refusal(200, 'internal', 'no such tenant'),
    /could not answer a query \(status 200\): no such tenant/,
  ],
  [
    'an error without reason',
    json({ status: 'error' }, 500),
    /could not answer a query \(status 500\): no reason given/,
  ],
  [
    'status 401',
    (_, response) => response.writeHead(401).end(),
    /asks for credentials: set LOOPSIGHT_PROMETHEUS_TOKEN_FILE, or LOOPSIGHT_PROMETHEUS_USERNAME/,
  ],
  [
    'no tenant',
    (_, response) => response.writeHead(401).end('no org id\n'),
    /asks for a tenant: set LOOPSIGHT_PROMETHEUS_HEADERS=X-Scope-OrgID=<tenant>\./,
  ],
  ['status 503', (_, response) => response.writeHead(503).end('Service Unavailable'), /answered with status 503/],
  [
    'a query that is always too large',
    refusal(422, 'execution', 'query processing would load too many samples into memory in query execution'),
    /could not answer a query \(status 422\): query processing would load too many samples/,
  ],
  [
    'a redirect to elsewhere',
    redirectTo(() => 'http://127.0.0.2:1/'),
    /redirects to http:\/\/127\.0\.0\.2:1\/, which is not followed/,
  ],
  ['a redirect loop', redirectTo((request) => request.url ?? '/'), /redirects to .*, which is not followed/],
  ['a redirect to nowhere', redirectTo(() => 'http://['), /redirects to http:\/\/\[, which is not followed/],
  ['no answer', () => {}, /did not answer/, SHORT_LIMIT_S],
  ['dripping bytes', endless('{', ' ', 50), /did not answer/, SHORT_LIMIT_S],
  [
    'a million series and more',
    endless(
      '{"status":"success","data":{"resultType":"matrix","result":[',
      `${JSON.stringify({ metric: loop, values: [[1, '1']] })},`.repeat(500),
    ),
    /more than 64 MiB|did not answer/,
  ],
  ['a bomb of gzip', zipped(BOMB), /more than 64 MiB|did not answer/],
  [
    'gzip that is none',
    (_, response) => response.setHeader('content-encoding', 'gzip').end('{}'),
    /broke off after 0 bytes: it is no gzip/,
  ],
  [
    'an encoding that nobody asked for',
    (_, response) => response.setHeader('content-encoding', 'br').end('{}'),
    /in the encoding br, which was not asked for/,
  ],
  [
    'tens of thousands of series',
    zipped(MANY_SERIES),
    /answered with 30001 series, more than 20000; narrow what is compared with --match/,
  ],
  [
    'an answer that breaks off',
    (_, response) => {
      response.setHeader('content-length', 100);
      response.write('{');
      setTimeout(() => response.destroy(), 20);
    },
    /broke off after 1 bytes/,
  ],
  [
    'a name that hides text',
    matrix([
      { metric: { ...loop, job: 'a\u202e\u0007b' }, values: [[1, '1']] },
      { metric: { ...loop, job: 'c' }, values: [[1, '1']] },
    ]),
    /several jobs with Loopsight; choose one with --job: ab, c\./,
  ],
];

describe('a hostile Prometheus', () => {
  for (const [name, server, sentence, limitS = LIMIT_S] of SERVERS) {
    it(name, async () => {
      await using place = await serve(server);
      const startMs = performance.now();
      const { code, out, error } = await runHere('compare', '--prometheus', place.url, '--timeout', `${limitS}s`);
      const tookMs = performance.now() - startMs;
      assert.deepEqual({ code, out }, { code: 3, out: '' }, error);
      assert.match(error, sentence);
      assert.match(error, /^[^\n]+\.\n$/, 'one sentence');
      assert.doesNotMatch(error.trimEnd(), /[\p{Cc}\p{Cf}]/u);
      // Machines that do much else are slow to say so.
      assert.ok(tookMs < limitS * 1000 + 5000, `${tookMs} ms`);
    });
  }

  it('nobody listens', async () => {
    const { url } = await serve(() => {}).then(async (place) => {
      await place[Symbol.asyncDispose]();
      return place;
    });
    const { code, error } = await runHere('compare', '--prometheus', url);
    assert.equal(code, 3);
    assert.match(error, /could not be reached: nothing listens there\.\n$/);
  });

  it('speaks another protocol', async () => {
    const server = createTcpServer((socket) => socket.end('220 mail.example.com ESMTP\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as { port: number };
      const { code, error } = await runHere('compare', '--prometheus', `127.0.0.1:${port}`);
      assert.equal(code, 3);
      assert.match(error, /could not be reached: Parse Error/);
    } finally {
      server.close();
    }
  });

  it('has values that no counter can have', async () => {
    const values = ['1e308', '-5', '+Inf', 'NaN', '9'.repeat(400), '0x10', ''];
    await using place = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const form = new URLSearchParams(body);
        const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(form.get(name)));
        const points: [number, string][] = [];
        for (let at = start ?? 0; at <= (end ?? 0); at += step ?? 1)
          points.push([at, values[points.length % values.length] ?? '']);
        const of = (more: Record<string, string>) => ({ metric: { ...loop, instance: 'a', ...more }, values: points });
        const bounds = ['0.1', '+Inf', 'x', ''].map((le) => of({ le, code_function_name: '__proto__' }));
        matrix([...bounds, of({ service_version: '2', le: '0.1' })])(request, response);
      });
    });
    const { code, out, error } = await runHere('compare', '--prometheus', place.url, '--past', '1h');
    assert.equal(code, 2, error);
    assert.match(out, /^inconclusive: 2 compared with 1 in job shop/);
    assert.doesNotMatch(out, /NaN|Infinity|undefined/);
  });
});
