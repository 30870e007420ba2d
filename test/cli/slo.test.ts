// `loopsight slo suggest` against real Prometheus servers of both major versions, which have days of data.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { METRIC_SETS, type MetricSet } from '../../grafana/sets.js';
import { LATENCY_BOUNDS_S, METRICS } from '../../src/metric-names.js';
import { type Blocks, createBlocks, startFilledPrometheus } from '../compare/filled-prometheus.js';
import { requirePrometheus3 } from '../support/external-tools.js';
import { requirePrometheus } from '../support/prometheus.js';
import { runHere, serve } from '../support/run-here.js';

const HOUR_S = 3600;
const DAYS = 3;
const INTERVAL_S = 240;
const MOMENTS_PER_S = 20;
/** Share of the moments with lag of 0.03 s and 0.2 s; all others have 2 ms. */
const SLOW = { 0.03: 0.01, 0.2: 0.0002 } as const;
/** Share of those with 0.2 s in the first day, when one of its hours went wrong. */
const BAD_HOUR = 0.1;

const endS = Math.floor(Date.now() / 1000 / INTERVAL_S) * INTERVAL_S;
const startS = endS - DAYS * 24 * HOUR_S;
const badFromS = Math.ceil(startS / HOUR_S) * HOUR_S + 5 * HOUR_S;

/** Lag of two instances of a service, as Prometheus scrapes it, by family: lines of one name stand together. */
function lagLines(set: MetricSet, job: string): ReadonlyMap<string, string[]> {
  const bucket = set.nameOf(METRICS.eventLoopLag, '_bucket');
  const count = set.nameOf(METRICS.eventLoopLag, '_count');
  const buckets: string[] = [];
  const counts: string[] = [];
  for (const instance of ['a:9464', 'b:9464']) {
    const labels = `job="${job}",instance="${instance}",thread_name="main"`;
    const slow = { 0.03: 0, 0.2: 0 };
    let total = 0;
    for (let unixS = startS; unixS <= endS; unixS += INTERVAL_S) {
      const isBad = unixS > badFromS && unixS <= badFromS + HOUR_S && job === 'bad';
      total += MOMENTS_PER_S * INTERVAL_S;
      slow[0.03] += MOMENTS_PER_S * INTERVAL_S * SLOW[0.03];
      slow[0.2] += MOMENTS_PER_S * INTERVAL_S * (isBad ? BAD_HOUR : SLOW[0.2]);
      for (const boundS of LATENCY_BOUNDS_S) {
        const above = boundS < 0.0025 ? total : boundS < 0.03 ? slow[0.03] + slow[0.2] : boundS < 0.2 ? slow[0.2] : 0;
        buckets.push(`${bucket}{${labels},le="${boundS}"} ${total - above} ${unixS}`);
      }
      buckets.push(`${bucket}{${labels},le="+Inf"} ${total} ${unixS}`);
      counts.push(`${count}{${labels}} ${total} ${unixS}`);
    }
  }
  return new Map([
    [bucket, buckets],
    [count, counts],
  ]);
}

/** Families of several services. */
function joined(services: readonly ReadonlyMap<string, string[]>[]): string[] {
  const names = new Set(services.flatMap((families) => [...families.keys()]));
  return [...names].flatMap((name) => [
    `# TYPE ${name} unknown`,
    ...services.flatMap((families) => families.get(name) ?? []),
  ]);
}

const suggest = (url: string, ...more: readonly string[]) => runHere('slo', 'suggest', '--prometheus', url, ...more);

describe('loopsight slo suggest', () => {
  let blocks: Blocks | undefined;
  const filled = () => {
    blocks ??= createBlocks(
      joined([
        lagLines(METRIC_SETS.loopsight, 'good'),
        lagLines(METRIC_SETS.loopsight, 'bad'),
        lagLines(METRIC_SETS['opentelemetry-exporter'], 'stock'),
      ]),
    );
    return blocks;
  };
  after(() => blocks?.[Symbol.dispose]());

  for (const version of [2, 3]) {
    it(`finds the bound in Prometheus ${version}`, async (t) => {
      const programs = version === 3 ? requirePrometheus3(t) : '';
      if (!requirePrometheus(t) || programs === undefined) return;
      await using prometheus = await startFilledPrometheus(filled(), { programs });
      const { code, out, error } = await suggest(prometheus.url, '--job', 'good');
      assert.equal(code, 0, error);
      assert.match(
        out,
        /^99\.9 % of the moments of good within 50 ms of lag: 99\.98 % were, which used 20 % of the budget\.\n/,
      );
      assert.match(out, /^ {4}25 ms +98\.9 % +10 times +10 times +0$/m);
      assert.match(out, /^Of job good, 7[0-2] hours until /m);
      assert.match(out, /less than a week/);

      // An hour with 10 % slow moments in 72 uses the budget up once more.
      const bad = await suggest(prometheus.url, '--job', 'bad', '--json');
      assert.equal(bad.code, 0, bad.error);
      const json = JSON.parse(bad.out) as {
        readonly boundS: number;
        readonly hours: number;
        readonly bounds: readonly {
          readonly boundS: number;
          readonly budget: number;
          readonly hoursThatPage: number;
        }[];
      };
      assert.equal(json.boundS, 0.25);
      const tenth = json.bounds.find(({ boundS }) => boundS === 0.1);
      const expected = (BAD_HOUR / json.hours + SLOW[0.2]) / 0.001;
      assert.ok(Math.abs((tenth?.budget ?? 0) / expected - 1) < 0.05, `${tenth?.budget}, not ${expected}`);
      assert.ok(tenth?.hoursThatPage === 1 || tenth?.hoursThatPage === 2, `${tenth?.hoursThatPage}`);

      const stock = await suggest(prometheus.url, '--job', 'stock', '--objective', '0.98', '--weeks', '0.3');
      assert.equal(stock.code, 0, stock.error);
      assert.match(stock.out, /^98 % of the moments of stock within 50 ms of lag/);
      assert.match(stock.out, /^Of job stock, 50 hours until /m);

      const several = await suggest(prometheus.url);
      assert.equal(several.code, 3);
      assert.match(several.error, /has several jobs with Loopsight; choose one with --job: bad, good, stock\.\n$/);
      const none = await suggest(prometheus.url, '--job', 'cart');
      assert.equal(none.code, 3);
      assert.match(
        none.error,
        /has no metrics of Loopsight of job cart from the last 7 days; jobs that have them: bad, good, stock\.\n$/,
      );
      const hard = await suggest(
        prometheus.url,
        '--job',
        'good',
        '--objective',
        '0.99999',
        '--match',
        'instance=a:9464',
      );
      assert.equal(hard.code, 0, hard.error);
      assert.match(hard.out, /within 250 ms of lag/);
    });
  }

  it('has one sentence and exit code 3 where nobody answers with data', async () => {
    await using html = await serve((_, response) => response.setHeader('content-type', 'text/html').end('<html>'));
    const answered = await suggest(html.url, '--timeout', '2s');
    assert.deepEqual([answered.code, answered.out], [3, '']);
    assert.match(answered.error, /^http.* answered with HTML, not with Prometheus' JSON\.\n$/);
    const nobody = await suggest('127.0.0.1:1');
    assert.equal(nobody.code, 3);
    assert.match(nobody.error, /nothing listens there\.\n$/);
  });
});

describe('the arguments of loopsight slo', () => {
  const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /^Expected suggest and options, got "\(no name\)"; see loopsight slo --help\.$/],
    [['suggest', 'x'], /^Expected suggest and options, got "suggest x"/],
    [['suggest'], /^Expected `--prometheus` \(or LOOPSIGHT_PROMETHEUS_URL\) to name a Prometheus/],
    [['suggest', '--prometheus', 'a b'], /^Expected `--prometheus` to be an http URL or host:port, got "a b"/],
    [['suggest', '--prometheus', 'http://me:s3/cr@t@b:99999'], /got "http:\/\/b:99999"/],
    [
      ['suggest', '--prometheus', 'a', '--objective', '1'],
      /^Expected `--objective` to be a number from 0\.5 to 0\.99999, got "1"/,
    ],
    [['suggest', '--prometheus', 'a', '--weeks', '0'], /^Expected `--weeks` to be a number from 0\.15 to 52, got "0"/],
    [['suggest', '--prometheus', 'a', '--match', 'x'], /^Expected `--match` to be LABEL=VALUE, got "x"/],
    [
      ['suggest', '--prometheus', 'a', '--timeout', '2h'],
      /^Expected `--timeout` to be a duration such as 90s, 1h30m or 1w from 0\.1s to 1h, got "2h"/,
    ],
  ];
  for (const [argv, sentence] of WRONG) {
    it(`are refused in a sentence: ${argv.join(' ')}`, async () => {
      const { code, error } = await runHere('slo', ...argv);
      assert.equal(code, 2);
      assert.match(error.trimEnd(), sentence);
    });
  }

  it('have a help of lines that fit', async () => {
    const { code, out } = await runHere('slo', '--help');
    assert.equal(code, 0);
    for (const line of out.split('\n')) assert.ok(line.length <= 96, line);
  });
});
