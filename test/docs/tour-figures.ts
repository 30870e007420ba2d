// The figures that docs/tour.md speaks of, read from a running demo.
import type { ParsedMetrics } from '../../src/prometheus/parse.js';
import { mean, quantile } from '../../src/status/quantile.js';
import type { Claim } from './tour-page.js';

type Labels = Readonly<Record<string, string>>;

/** What a run of the demo says at one moment. */
export interface Sighting {
  readonly metrics: ParsedMetrics;
  /** The answer of `GET /totals`; empty where it was not asked for. */
  readonly totals: Readonly<Record<string, number>>;
  /** What `loopsight status` found. */
  readonly problems: readonly { readonly metric: string; readonly labels: Labels }[];
}

/**
 * The value of a figure: `metric{labels}` of a gauge, `rate` (growth a second since start), `mean` or `p99` before it,
 * `/totals member`, or two of these with ` / ` between them. Undefined where there is no data yet.
 */
export function readFigure(figure: string, sighting: Sighting): number | undefined {
  const [above, below] = figure.split(' / ').map((term) => readTerm(term, sighting));
  if (!figure.includes(' / ')) return above;
  return above === undefined || below === undefined || below === 0 ? undefined : above / below;
}

/** Whether `claim` holds; `baseline` is a run without faults. */
export function holds(claim: Claim, sighting: Sighting, baseline: Sighting): boolean {
  const value = readFigure(claim.figure, sighting);
  const factor = claim.relative ? readFigure(claim.figure, baseline) : 1;
  if (value === undefined || factor === undefined) return false;
  return claim.comparison === '≥' ? value >= claim.bound * factor : value <= claim.bound * factor;
}

/** Whether `loopsight status` told a problem about `named`, as `metric{labels}`. */
export function names(named: string, { problems }: Sighting): boolean {
  const { name, matches } = parseTerm(named);
  return problems.some(({ metric, labels }) => metric === name && matches(labels));
}

const TERM = /^(?:(?<how>rate|mean|p99) )?(?<name>\w+)(?:\{(?<labels>.*)\})?$/;

function readTerm(term: string, { metrics, totals }: Sighting): number | undefined {
  if (term.startsWith('/totals ')) return totals[term.slice('/totals '.length)];
  const { how, name, matches } = parseTerm(term);
  const samples = (suffix = '') =>
    [...metrics.families.values()]
      .flatMap((family) => family.samples)
      .filter((sample) => sample.name === `${name}${suffix}`)
      .filter((sample) => matches(sample.labels));
  if (how === 'mean' || how === 'p99') {
    const count = total(samples('_count')) ?? 0;
    const sum = total(samples('_sum')) ?? 0;
    if (how === 'mean') return mean({ count, sum, buckets: [] });
    const counts = new Map<number, number>();
    for (const { labels: own, value } of samples('_bucket')) {
      const bound = own.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(own.le);
      counts.set(bound, (counts.get(bound) ?? 0) + value);
    }
    const buckets = [...counts].map(([bound, count]) => ({ bound, count })).sort((a, b) => a.bound - b.bound);
    return quantile({ count, sum, buckets }, 0.99)?.value;
  }
  const value = total(samples());
  if (how !== 'rate' || value === undefined) return value;
  const [uptime] = metrics.families.get('process_uptime_seconds')?.samples ?? [];
  return uptime === undefined ? undefined : value / uptime.value;
}

function parseTerm(term: string): { how: string | undefined; name: string; matches: (labels: Labels) => boolean } {
  const { how, name, labels = '' } = TERM.exec(term)?.groups ?? {};
  if (name === undefined) throw new Error(`Expected a figure as "p99 metric{label="value"}", got "${term}"`);
  const wanted = [...labels.matchAll(/(\w+)="([^"]*)"/g)];
  return { how, name, matches: (own) => wanted.every(([, label = '', value]) => own[label] === value) };
}

function total(samples: readonly { readonly value: number }[]): number | undefined {
  return samples.length === 0 ? undefined : samples.reduce((sum, { value }) => sum + value, 0);
}
