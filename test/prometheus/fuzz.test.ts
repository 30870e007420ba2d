// Whatever names, labels and values there are: every exposition can be read again, and says what was recorded.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wellFormed } from '../../src/prometheus/escaping.js';
import type { Escaping, Format } from '../../src/prometheus/format.js';
import { type ParsedSample, parseText } from '../../src/prometheus/parse.js';
import type { SeriesExemplar } from '../../src/prometheus/snapshot.js';
import type { TranslationStrategy } from '../../src/prometheus/translation.js';
import { expose } from '../support/expose.js';
import { type FamilyFixture, tableOf } from '../support/series-table.js';
import { fuzzedExemplars, fuzzedFamilies } from './fuzzed.js';

const STRATEGIES: readonly TranslationStrategy[] = [
  'UnderscoreEscapingWithSuffixes',
  'UnderscoreEscapingWithoutSuffixes',
  'NoUTF8EscapingWithSuffixes',
  'NoTranslation',
];
const ESCAPINGS: readonly Escaping[] = ['underscores', 'dots', 'values', 'allow-utf-8'];
const KINDS: readonly Format['kind'][] = ['text', 'openmetrics'];
/** Of each strategy, escaping and format, each with a seed of its own. */
const ROUNDS = 3;
let lastSeed = 0;

for (const kind of KINDS) {
  describe(kind, () => {
    for (const strategy of STRATEGIES) {
      for (const escaping of ESCAPINGS) {
        test(`${strategy}, ${escaping}`, () => {
          for (let left = ROUNDS; left > 0; left--)
            roundTrip(++lastSeed, { kind, version: '1.0.0', escaping }, strategy);
        });
      }
    }
  });
}

function roundTrip(seed: number, format: Format, strategy: TranslationStrategy): void {
  const families = fuzzedFamilies(seed);
  const exemplars = fuzzedExemplars(seed, families);
  const table = tableOf(...families);
  table.apply({ unixMs: 0, added: [], removed: [], values: table.values, exemplars });
  const dropped = new Set<string>();
  const text = expose([table], {
    format,
    strategy,
    scopeLabels: true,
    constantLabels: { service_version: '\n"\\' },
    resource: { '\ud800': '\n', '': 'x' },
    onDrop: ({ metric, reason }) => {
      if (reason !== 'comment') dropped.add(metric);
    },
  });
  const { families: parsed } = parseText(text);
  const samples = [...parsed.values()].flatMap((family) => family.samples);
  const keys = samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()]));
  assert.equal(new Set(keys).size, keys.length, `seed ${seed}: a sample stands there twice`);
  const headers = text.match(/^# (?:TYPE|HELP|UNIT) (?:"(?:[^"\\]|\\.)*"|\S+)/gm) ?? [];
  assert.equal(new Set(headers).size, headers.length, `seed ${seed}: a comment stands there twice`);
  assert.equal(text.endsWith('# EOF\n'), format.kind === 'openmetrics');

  const byId = groupById(samples);
  let shown = 0;
  let id = -1;
  for (const { name, kind, series } of families) {
    for (const [attributes, ...values] of series) {
      id++;
      const found = byId.get(attributes.id) ?? [];
      if (found.length === 0) {
        assert.ok(
          dropped.has(name) || (kind !== 'histogram' && Number.isNaN(values[0])),
          `seed ${seed}: ${name} is missing`,
        );
        continue;
      }
      shown++;
      const given = exemplars.find((exemplar) => exemplar.series === id);
      checkExemplar(found, kind === 'histogram', format.kind === 'openmetrics' ? given : undefined);
      for (const { labels } of found) assert.equal(labels.service_version ?? labels.service__version, '\n"\\');
      if (kind === 'histogram') checkHistogram(found, values);
      else {
        assert.equal(found.length, 1);
        assert.ok(
          Object.is(found[0]?.value, values[0]),
          `seed ${seed}: ${name} is ${found[0]?.value}, not ${values[0]}`,
        );
        assert.equal(found[0]?.labels.le ?? '', wellFormed(attributes.le ?? ''));
      }
    }
  }
  assert.ok(shown > 20, `seed ${seed}: only ${shown} series are shown`);
}

test('huge: a label of a megabyte, hundreds of labels and buckets', () => {
  const attributes = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`key.${index}`, '\n"']));
  const bounds = Array.from({ length: 500 }, (_, index) => index / 7);
  const families: FamilyFixture[] = [
    { name: 'long', series: [[{ a: '\\"'.repeat(500_000) }, 1]] },
    { name: 'wide', kind: 'histogram', bounds, series: [[attributes, ...bounds.map(() => 1), 1, 7]] },
  ];
  for (const kind of KINDS) {
    const { families: parsed } = parseText(
      expose([tableOf(...families)], { format: { kind, version: '1.0.0', escaping: 'values' } }),
    );
    assert.equal(parsed.get('long')?.samples[0]?.labels.a, '\\"'.repeat(500_000));
    const wide = parsed.get('wide')?.samples ?? [];
    assert.equal(wide.length, 503);
    assert.equal(wide.at(-1)?.value, 501);
    assert.equal(Object.keys(wide.at(-1)?.labels ?? {}).length, 200);
    assert.equal(new Set(wide.map(({ labels }) => labels.le)).size, 502);
  }
});

type Samples = readonly ParsedSample[];

function groupById(samples: Samples): Map<string | undefined, Samples> {
  const groups = new Map<string | undefined, Samples>();
  for (const sample of samples) groups.set(sample.labels.id, [...(groups.get(sample.labels.id) ?? []), sample]);
  return groups;
}

/** An exemplar stands in its bucket, or at a counter that is called one, and nowhere else. */
function checkExemplar(found: Samples, isHistogram: boolean, given: SeriesExemplar | undefined): void {
  const total = found[0]?.name.endsWith('_total') ? found[0] : undefined;
  const holder = isHistogram ? found.filter(({ name }) => name.endsWith('_bucket'))[given?.bucket ?? 0] : total;
  for (const sample of found) if (sample !== holder) assert.equal(sample.exemplar, undefined);
  const exemplar = holder?.exemplar;
  // Labels of an application may be too long, once they are escaped.
  const isCertain = isHistogram && given?.labels === undefined;
  if (given === undefined || (exemplar === undefined && !isCertain)) {
    assert.equal(exemplar, undefined);
    return;
  }
  assert.ok(exemplar, `the exemplar of series ${given.series} is missing`);
  assert.equal(exemplar.value, given.bucket);
  assert.equal(exemplar.unixS, 1_763_700_000.123);
  if (given.labels === undefined) {
    assert.deepEqual(exemplar.labels, { trace_id: given.traceId, span_id: given.spanId });
  } else {
    assert.ok(Object.values(exemplar.labels).includes(wellFormed(given.labels[1]?.[1] ?? '')));
  }
}

function checkHistogram(found: Samples, values: readonly number[]): void {
  let count = 0;
  const cumulative = values.slice(0, -1).map((value) => {
    count += value;
    return count;
  });
  const ending = (suffix: string) => found.filter(({ name }) => name.endsWith(suffix)).map(({ value }) => value);
  assert.deepEqual(ending('_bucket'), cumulative);
  for (const sum of ending('_sum')) assert.ok(Object.is(sum, values.at(-1)));
  for (const total of ending('_count')) assert.equal(total, count);
  assert.equal(ending('_sum').length, ending('_count').length);
}
