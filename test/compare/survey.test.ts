// What is found out before blocks are collected: how often instances are scraped, and what counts their load.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { METRIC_SETS } from '../../grafana/sets.js';
import type { PrometheusClient } from '../../src/compare/prometheus/client.js';
import type { Discovery } from '../../src/compare/prometheus/discover.js';
import { type Distinguished, findInterval, findLoad, findPlaces } from '../../src/compare/prometheus/survey.js';

const NOW_S = 1_764_000_000;
const HOUR = { startS: NOW_S - 3600, endS: NOW_S };
const BEFORE = { startS: NOW_S - 7200, endS: NOW_S - 3600 };
const DISCOVERY: Discovery = {
  ...{ jobs: ['shop'], set: METRIC_SETS.loopsight, matchers: ['job="shop"'], infoMatchers: [], appearances: [] },
  ...{ labelOn: 'series', stepS: 300, lateStepS: 5, lateFromS: NOW_S - 7200, loops: 2 },
};

/** A Prometheus that answers with `counts` scrapes of instances within the time of a query, at its end alone. */
function scraped(countsAt: (endS: number) => Readonly<Record<string, number>>): PrometheusClient {
  return {
    ...{ shown: 'http://fake', warnings: new Set() },
    range: async (_, { endS }) =>
      Object.entries(countsAt(endS)).map(([name, count]) => {
        const [instance = '', version = ''] = name.split('@');
        return {
          labels: new Map(Object.entries({ instance, service_version: version })),
          values: new Map([[endS * 1000, count]]),
        };
      }),
  };
}

const ofVersions: Distinguished = { by: 'service_version', values: ['1', '2'] };
const ofTimes: Distinguished = { by: undefined, values: [] };

it('finds how often instances are scraped, whatever a few of them had of it', async () => {
  const client = scraped(() => ({ 'a@1': 20, 'b@1': 20, 'brief@1': 3, 'c@2': 20 }));
  assert.equal(await findInterval(client, DISCOVERY, 'main', [HOUR], ofVersions), 15);
});

it('takes the longer interval where the sides have different ones, and leaves out others', async () => {
  const client = scraped(() => ({ 'a@1': 60, 'b@1': 60, 'c@2': 5, 'd@2': 5, 'e@3': 2, 'f@3': 2 }));
  assert.equal(await findInterval(client, DISCOVERY, 'main', [HOUR], ofVersions), 60);
  const changed = scraped((endS) => (endS === NOW_S ? { 'a@1': 20 } : { 'a@1': 10 }));
  assert.equal(await findInterval(changed, DISCOVERY, 'main', [BEFORE, HOUR], ofTimes), 30);
});

it('takes the usual interval where nothing tells it', async () => {
  assert.equal(
    await findInterval(
      scraped(() => ({})),
      DISCOVERY,
      'main',
      [HOUR],
      ofTimes,
    ),
    15,
  );
});

it('counts what either side counts: a candidate that answers nothing has no other load', async () => {
  const client: PrometheusClient = {
    ...{ shown: 'http://fake', warnings: new Set() },
    async range(query, { endS }) {
      const count = query.includes('http_server_request') ? (endS === NOW_S ? 0 : 900) : 5;
      return [{ labels: new Map(), values: new Map([[endS * 1000, count]]) }];
    },
  };
  assert.equal(await findLoad(client, DISCOVERY, [BEFORE, HOUR]), 'requests');
  assert.equal(await findLoad(client, DISCOVERY, [HOUR]), 'calls');
});

it('asks for no more of the load than one query can load', async () => {
  const asked: string[] = [];
  const client: PrometheusClient = {
    ...{ shown: 'http://fake', warnings: new Set() },
    async range(query) {
      asked.push(query);
      return [];
    },
  };
  await findLoad(client, DISCOVERY, [HOUR, { startS: NOW_S - 31 * 86_400, endS: NOW_S }]);
  assert.deepEqual([...new Set(asked.map((query) => /\[(\w+)\]/.exec(query)?.[1]))], ['3600s', '21600s']);
});

it('says where instances are, if they are in several places', async () => {
  const inPlaces = (...places: readonly Readonly<Record<string, string>>[]): PrometheusClient => ({
    ...{ shown: 'http://fake', warnings: new Set() },
    range: async (_, { endS }) =>
      places.map((labels) => ({ labels: new Map(Object.entries(labels)), values: new Map([[endS * 1000, 9]]) })),
  });
  const find = (client: PrometheusClient) => findPlaces(client, DISCOVERY, [BEFORE, HOUR]);
  assert.deepEqual(await find(inPlaces({})), []);
  assert.deepEqual(await find(inPlaces({ namespace: 'production', cluster: 'eu' })), []);
  assert.deepEqual(await find(inPlaces({ namespace: 'staging' }, { namespace: 'production', cluster: 'eu' })), [
    'cluster eu namespace production',
    'namespace staging',
  ]);
});
