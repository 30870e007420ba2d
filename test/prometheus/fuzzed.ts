// Metrics of any names, labels and values, and what an exposition of them has to say.

import type { SeriesExemplar } from '../../src/prometheus/snapshot.js';
import { createRandom, type Random } from '../support/random.js';
import type { FamilyFixture } from '../support/series-table.js';

/** Made-up families; each series has a label `id` that no other has. */
export function fuzzedFamilies(seed: number): FamilyFixture[] {
  const random = createRandom(seed);
  const text = (limit: number) => (random.next() < 0.15 ? random.pick(NASTY) : random.text(limit));
  const families: FamilyFixture[] = [];
  for (let index = 0; index < 60; index++) {
    const kind = random.pick(['counter', 'gauge', 'updowncounter', 'histogram'] as const);
    const bounds = random.pick([[0.0000025, 1, 1e6], [], [-1, 0, 2.5]]);
    const series = Array.from({ length: 1 + random.below(4) }, (_, number) => {
      const attributes: Record<string, string> = { id: `${index}.${number}`, le: text(3) };
      for (let left = random.below(4); left > 0; left--) attributes[text(6)] = text(15);
      const values =
        kind === 'histogram'
          ? [...Array.from({ length: bounds.length + 1 }, () => random.below(1000)), anyValue(random, true)]
          : [anyValue(random, kind !== 'counter')];
      return [attributes, ...values] as const;
    });
    families.push({
      name: random.next() < 0.35 ? random.pick(COLLIDING) : text(8),
      unit: random.pick([text(3), 's', '1', 'By', '{request}']),
      description: text(20),
      kind,
      ...(kind === 'histogram' ? { bounds } : {}),
      ...(random.next() < 0.3 ? { scope: { name: text(5), version: text(3), attributes: [[text(4), text(4)]] } } : {}),
      series,
    });
  }
  return families;
}

/** Made-up exemplars of about half of all series of `families`, each with its bucket as the value. */
export function fuzzedExemplars(seed: number, families: readonly FamilyFixture[]): SeriesExemplar[] {
  const random = createRandom(seed);
  const text = () => (random.next() < 0.3 ? random.pick(NASTY) : random.text(8));
  let id = -1;
  return families.flatMap(({ kind, bounds = [], series }) =>
    series.flatMap(() => {
      id++;
      if (random.next() < 0.5) return [];
      const bucket = kind === 'histogram' ? random.below(bounds.length + 1) : 0;
      const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
      const labels = random.next() < 0.5 ? {} : { labels: [['', text()] as const, [text(), text()] as const] };
      return [{ series: id, bucket, value: bucket, unixMs: 1_763_700_000_123, ...ids, ...labels }];
    }),
  );
}

const NASTY = [
  '\\ \n " \\n \\\\" {a="b"} # , = \t \r \0',
  '\ud800',
  '\u2028\u0085',
  '__name__',
  'é名🦊',
  '# EOF\n',
  '',
  ':',
  '1',
];
const COLLIDING = [
  'a',
  'a_total',
  'a.total',
  'a_created',
  'a_count',
  'a_bucket',
  'a_sum',
  'a.info',
  'target',
  'target_info',
  'a:b',
  'le',
];
const VALUES = [0, 1, 0.1, 1e-300, 1.7976931348623157e308, 5e-324, 2 ** 53, Infinity];

function anyValue(random: Random, signed: boolean): number {
  const value = random.pick(VALUES);
  return signed && random.next() < 0.4 ? random.pick([-value, Number.NaN]) : value;
}
