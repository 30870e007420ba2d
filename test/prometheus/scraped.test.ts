// A real Prometheus scrapes expositions of made-up metrics, in the format that it asks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Format } from '../../src/prometheus/format.js';
import { parseText } from '../../src/prometheus/parse.js';
import { startServer } from '../../src/prometheus/server.js';
import type { TranslationStrategy } from '../../src/prometheus/translation.js';
import { eventually } from '../support/eventually.js';
import { expose } from '../support/expose.js';
import { requirePrometheus, startPrometheus } from '../support/prometheus.js';
import { tableOf } from '../support/series-table.js';
import { fuzzedExemplars, fuzzedFamilies } from './fuzzed.js';

const STRATEGIES: readonly TranslationStrategy[] = ['UnderscoreEscapingWithSuffixes', 'NoTranslation'];
const SEEDS = [1, 2, 3, 4, 5, 6];

test('Prometheus reads OpenMetrics of any names, labels, values and exemplars, to the last sample', async (t) => {
  if (!requirePrometheus(t)) return;
  const samples = new Map<string, number>();
  const formats = new Set<string>();
  const targets: string[] = [];
  for (const seed of SEEDS) {
    for (const strategy of STRATEGIES) {
      const families = fuzzedFamilies(seed).map((family) => ({ ...family, startUnixMs: 1_763_700_000_123 }));
      const table = tableOf(...families);
      const exemplars = fuzzedExemplars(seed, families);
      table.apply({ unixMs: 0, added: [], removed: [], values: table.values, exemplars });
      const collect = async (format: Format) => {
        formats.add(`${format.kind} ${format.version}`);
        const text = expose([table], { format, strategy, scopeLabels: true, resource: { 'service.name': 'fuzz' } });
        const count = [...parseText(text).families.values()].reduce((sum, family) => sum + family.samples.length, 0);
        samples.set(target, count);
        return [text];
      };
      const server = await startServer({
        host: '127.0.0.1',
        port: 0,
        gzip: true,
        collect,
        onError: assert.fail as never,
      });
      const target = `127.0.0.1:${server.port}`;
      targets.push(target);
      t.after(() => server.close());
    }
  }
  await using prometheus = await startPrometheus(
    [
      // All expositions are made by one loop, which takes its time.
      'global: { scrape_interval: 5s }',
      'scrape_configs:',
      `  - { job_name: fuzz, honor_labels: true, static_configs: [{ targets: ${JSON.stringify(targets)} }] }`,
    ].join('\n'),
  );
  const scraped = await eventually(
    // Of a scrape that took too long, on a busy machine, there is none; the next one is another chance.
    () => prometheus.query('max_over_time((scrape_samples_scraped * up)[2m:1s])').catch(() => []),
    (all) => all.length === targets.length && all.every(({ values }) => values[0]?.[1] !== 0),
  );
  assert.deepEqual([...formats], ['openmetrics 1.0.0']);
  for (const { metric, values } of scraped) {
    // 0 is what an exposition gives that cannot be read.
    assert.equal(values[0]?.[1], samples.get(metric.instance ?? ''), metric.instance);
  }
});
