// How a Prometheus is asked: in pieces, with credentials that stay with it, through proxies that let little through.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { prometheusUrl } from '../../src/compare/prometheus/base-url.js';
import { createPrometheusClient, type PrometheusOptions } from '../../src/compare/prometheus/client.js';
import { serve } from '../support/run-here.js';
import { root } from '../support/run-node.js';

interface Asked {
  readonly method: string | undefined;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
  readonly points: number;
}

type Answerer = (asked: Asked, response: ServerResponse) => void;

/** Asks a server that answers with `answerer`, or as a Prometheus with one series of ones; resolves to what it was asked. */
async function asking(
  answerer: Answerer,
  range: { readonly startS: number; readonly endS: number; readonly stepS: number },
  { path = '', expected = 1, ...options }: Partial<PrometheusOptions> & { path?: string; expected?: number } = {},
) {
  const asked: Asked[] = [];
  await using server = await serve((request, response) => {
    void read(request).then((body) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      const form = request.method === 'POST' ? new URLSearchParams(body) : url.searchParams;
      const [start = 0, end = 0, step = 1] = ['start', 'end', 'step'].map((name) => Number(form.get(name)));
      const points = Math.floor((end - start) / step + 1e-6) + 1;
      const one = { method: request.method, url, authorization: request.headers.authorization, form, points };
      asked.push(one);
      answerer(one, response);
    });
  });
  const client = createPrometheusClient({ url: prometheusUrl(`${server.url}${path}`), timeoutMs: 20_000, ...options });
  const series = await client.range('up', range, expected);
  return { asked, series, warnings: [...client.warnings] };
}

const ones: Answerer = ({ form, points }, response) => {
  const values = Array.from({ length: points }, (_, index) => [
    Number(form.get('start')) + index * Number(form.get('step')),
    '1',
  ]);
  const answer = { status: 'success', data: { resultType: 'matrix', result: [{ metric: { a: 'b' }, values }] } };
  response.setHeader('content-encoding', 'gzip');
  response.end(gzipSync(JSON.stringify({ ...answer, warnings: ['partial\u0007 answer'] })));
};

async function read(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

const HOUR = { startS: 1_764_000_000, endS: 1_764_003_600, stepS: 60 };

it('asks once for what fits, below the path, with the parameters of the URL', async () => {
  const { asked, series, warnings } = await asking(ones, HOUR, { path: '/team/prometheus/?dedup=true' });
  assert.equal(asked.length, 1);
  assert.deepEqual([asked[0]?.method, asked[0]?.url.pathname], ['POST', '/team/prometheus/api/v1/query_range']);
  assert.equal(asked[0]?.url.searchParams.get('dedup'), 'true');
  assert.deepEqual([asked[0]?.form.get('query'), asked[0]?.form.get('timeout')], ['up', '20s']);
  assert.equal(series[0]?.values.size, 61);
  assert.deepEqual(warnings, ['partial answer']);
});

it('asks in pieces for many points and for many series, and puts them together', async () => {
  const week = await asking(ones, { ...HOUR, endS: HOUR.startS + 20_000 * 60 });
  assert.deepEqual(
    week.asked.map(({ points }) => points).sort((a, b) => a - b),
    [9001, 11_000],
  );
  const wide = await asking(ones, HOUR, { expected: 5000 });
  assert.deepEqual(
    wide.asked.map(({ points }) => points).sort((a, b) => a - b),
    [1, 20, 20, 20],
  );
  assert.deepEqual([wide.series.length, wide.series[0]?.values.size], [1, 61]);
});

it('halves the range for as long as it is too much', async () => {
  const { asked, series } = await asking((one, response) => {
    if (one.points <= 10) return ones(one, response);
    response.statusCode = 422;
    response.end(
      '{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}',
    );
  }, HOUR);
  assert.ok(asked.length > 8, `${asked.length} queries`);
  assert.equal(series[0]?.values.size, 61);
});

it('halves a range with too many series in it, as where all instances were replaced, but not for ever', async () => {
  const many =
    (most: number): Answerer =>
    ({ form, points }, response) => {
      const [at, end] = [Number(form.get('start')), Number(form.get('end'))];
      const count = points <= most ? 1 : 20_001;
      const values =
        points === 1
          ? [[at, '1']]
          : [
              [at, '1'],
              [end, '1'],
            ];
      const result = Array.from({ length: count }, (_, index) => ({ metric: { a: `${index}` }, values }));
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
    };
  const { asked, series } = await asking(many(16), HOUR);
  assert.deepEqual([series.length, asked.length], [1, 7]);
  await assert.rejects(asking(many(0), HOUR), /answered with 20001 series, more than 20000/);
});

it('asks with GET where a proxy lets nothing else through', async () => {
  const { asked, series } = await asking(
    (one, response) => {
      if (one.method === 'GET') return ones(one, response);
      response.writeHead(405).end();
    },
    HOUR,
    { expected: 5000 },
  );
  assert.equal(series[0]?.values.size, 61);
  assert.equal(asked.filter(({ method }) => method === 'GET').length, 4);
});

it('follows redirects within the origin, with credentials', async () => {
  const { asked } = await asking(
    (one, response) => {
      if (one.url.pathname.startsWith('/prom/')) return ones(one, response);
      response.writeHead(307, { location: `/prom${one.url.pathname}` }).end();
    },
    HOUR,
    { authorization: 'Bearer secret' },
  );
  assert.deepEqual(
    asked.map(({ url, authorization }) => [url.pathname, authorization]),
    [
      ['/api/v1/query_range', 'Bearer secret'],
      ['/prom/api/v1/query_range', 'Bearer secret'],
    ],
  );
});

it('sends no credentials to another origin', async () => {
  const got: (string | undefined)[] = [];
  await using other = await serve((request, response) => {
    got.push(request.headers.authorization);
    response.end();
  });
  await assert.rejects(
    asking((_, response) => response.writeHead(302, { location: `${other.url}/api/v1/query_range` }).end(), HOUR, {
      authorization: 'Bearer secret',
    }),
    /redirects to .* which is not followed/,
  );
  assert.deepEqual(got, []);
});

const FAILURES: readonly (readonly [name: string, answer: string, sentence: RegExp])[] = [
  ['fails', '{"status":"error","error":"no"}', /could not answer a query \(status 200\): no\.\n$/],
  ['is too much however short', '{"status":"error","error":"too many samples"}', /: too many samples\.\n$/],
];
for (const [name, answer, sentence] of FAILURES) {
  it(`ends what is under way when a query ${name}, so that the process ends`, async () => {
    let number = 0;
    await using server = await serve((_, response) => {
      // The others never get an answer.
      if (++number >= 3) response.end(answer);
    });
    const url = JSON.stringify(prometheusUrl(server.url).href);
    const code = `
    const { createPrometheusClient } = await import('./src/compare/prometheus/client.ts');
    const client = createPrometheusClient({ url: new URL(${url}), timeoutMs: 60_000 });
    await client.range('up', ${JSON.stringify(HOUR)}, 5000).catch((error) => console.log(error.message));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', code],
      {
        cwd: root,
        // Less than the limit of the client, which would end everything too.
        timeout: 50_000,
      },
    );
    assert.match(stdout, sentence);
  });
}

const URLS: readonly (readonly [given: string, href: string])[] = [
  ['localhost:9090', 'http://localhost:9090/api/v1/'],
  ['http://prometheus/', 'http://prometheus/api/v1/'],
  ['https://example.com/team/prometheus', 'https://example.com/team/prometheus/api/v1/'],
  ['https://example.com/prometheus/api/v1/', 'https://example.com/prometheus/api/v1/'],
  ['http://user:password@[::1]:9090?dedup=true#graph', 'http://user:password@[::1]:9090/api/v1/?dedup=true'],
];
for (const [given, href] of URLS) {
  it(`${given} means ${href}`, () => assert.equal(prometheusUrl(given).href, href));
}
for (const given of ['', ' ', 'ftp://prometheus', 'http://', 'a b']) {
  it(`"${given}" is no URL`, () => assert.throws(() => prometheusUrl(given), TypeError));
}
