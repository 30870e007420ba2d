// What is found, and when it was there: also what came and went between two looks.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { PrometheusClient, Range } from '../../src/compare/prometheus/client.js';
import { discover } from '../../src/compare/prometheus/discover.js';

const NOW_S = 1_764_000_000;
const NAME = 'loopsight_eventloop_lag_seconds_count';

/** A version that Prometheus has from a time to another, at each moment but not after its end. */
interface Stay {
  readonly version: string;
  readonly fromS: number;
  readonly toS: number;
}

/** A Prometheus as far as it counts loops: at a moment, or within the time before it. */
function fake(stays: readonly Stay[], name = NAME) {
  const asked: { readonly query: string; readonly range: Range }[] = [];
  const client: PrometheusClient = {
    shown: 'http://fake',
    warnings: new Set(),
    async range(query, range) {
      asked.push({ query, range });
      const withinS = Number(/last_over_time\(.*\[(\d+)s\]\)/.exec(query)?.[1] ?? 0);
      return stays.map(({ version, fromS, toS }) => {
        const values = new Map<number, number>();
        for (let atS = range.startS; atS <= range.endS; atS += range.stepS) {
          if (fromS <= atS && (withinS > 0 ? toS > atS - withinS : toS >= atS)) values.set(atS * 1000, 3);
        }
        return { labels: new Map(Object.entries({ __name__: name, job: 'shop', service_version: version })), values };
      });
    },
  };
  return { client, asked };
}
const options = {
  ...{ job: 'shop', match: [], thread: 'main', by: 'service_version', values: [] },
  ...{ lookbackS: 86_400, endS: NOW_S, windowS: 3600 },
};

it('finds what came and went between two looks, lately to some seconds', async () => {
  const { client, asked } = fake([
    { version: '1', fromS: NOW_S - 90_000, toS: NOW_S },
    { version: 'brief', fromS: NOW_S - 40_121, toS: NOW_S - 40_001 },
    { version: '2', fromS: NOW_S - 121, toS: NOW_S },
  ]);
  const { appearances, set, lateFromS, loops } = await discover(client, options);
  const seen = new Map(appearances.map(({ value, seenS }) => [value, seenS.map((atS) => NOW_S - atS)]));
  assert.deepEqual([...seen.keys()], ['1', 'brief', '2']);
  assert.equal(seen.get('brief')?.length, 1);
  assert.deepEqual([seen.get('2')?.[0], seen.get('2')?.at(-1)], [120, 0]);
  assert.deepEqual([set.id, NOW_S - lateFromS, loops], ['loopsight', 7200, 6]);
  // In two queries of a bearable number of points.
  assert.deepEqual(
    asked.map(({ range }) => (range.endS - range.startS) / range.stepS),
    [288, 1440],
  );
});

it('looks at a short time in short steps', async () => {
  const { client, asked } = fake([{ version: '1', fromS: NOW_S - 90_000, toS: NOW_S }]);
  await discover(client, { ...options, lookbackS: 600, windowS: 60 });
  assert.deepEqual(
    asked.map(({ range }) => [range.stepS, range.endS - range.startS]),
    [
      [3, 600],
      [1, 600],
    ],
  );
});

it('knows the names of the stock exporter', async () => {
  const { client } = fake([{ version: '1', fromS: NOW_S - 90_000, toS: NOW_S }], 'loopsight_eventloop_lag_count');
  assert.equal((await discover(client, options)).set.id, 'opentelemetry-exporter');
});

/** A Prometheus that has nothing of what is looked for, but `other` series like it. */
function without(...other: readonly Readonly<Record<string, string>>[]): PrometheusClient {
  return {
    ...{ shown: 'http://fake', warnings: new Set() },
    range: async (query) =>
      query.includes('[._]')
        ? other.map((labels) => ({ labels: new Map(Object.entries(labels)), values: new Map([[NOW_S * 1000, 1]]) }))
        : [],
  };
}
const loop = { __name__: NAME, job: 'shop', thread_name: 'main' };
const ABSENCES: readonly (readonly [
  name: string,
  client: PrometheusClient,
  sentence: string,
  more?: Partial<typeof options>,
])[] = [
  ['nothing', without(), 'NothingYet: http://fake has no metrics of Loopsight of job shop from the last 1 day.'],
  [
    'other jobs',
    without({ ...loop, job: 'cart' }, { ...loop, job: 'pay\u0007' }),
    'NothingYet: http://fake has no metrics of Loopsight of job shop from the last 1 day; jobs that have them: cart, pay.',
  ],
  [
    'another thread',
    without(loop, { ...loop, thread_name: 'resize' }),
    'NothingYet: http://fake has no metrics of Loopsight of job shop, thread resiz from the last 1 day; its threads: main, resize.',
    { thread: 'resiz' },
  ],
  [
    'other labels',
    without(loop),
    'NothingYet: http://fake has no metrics of Loopsight of job shop with the labels of --match from the last 1 day.',
    { match: [['cluster', 'us'] as never] },
  ],
  [
    'native histograms',
    without({ ...loop, __name__: 'loopsight_eventloop_lag_seconds' }),
    'UnreadableData: http://fake keeps loopsight_eventloop_lag_seconds as a native histogram; only classic buckets are read, which `always_scrape_classic_histograms: true` keeps beside it.',
  ],
  [
    'names with dots',
    without({ __name__: 'loopsight.eventloop.lag_count', job: 'shop' }),
    'UnreadableData: http://fake has metrics with dots in their names (loopsight.eventloop.lag_count); they are only read with underscores, as `translation_strategy: UnderscoreEscapingWithSuffixes` writes them.',
  ],
  [
    'native histograms of another job',
    without({ ...loop, job: 'cart', __name__: 'loopsight_eventloop_lag_seconds' }),
    'NothingYet: http://fake has no metrics of Loopsight of job shop from the last 1 day; jobs that have them: cart.',
  ],
];
for (const [name, client, sentence, more] of ABSENCES) {
  it(`says why nothing was found: ${name}`, () =>
    assert.rejects(discover(client, { ...options, ...more }), (error) => {
      assert.equal(String(error), sentence);
      return true;
    }));
}
