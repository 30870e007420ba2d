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
