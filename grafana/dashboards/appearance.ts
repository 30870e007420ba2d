// Counters that appear with a value: those of a function's first stall, or of a first exit. To rate() and increase() they
// have not grown to it, and what happens only once would never have happened.
import { BY_INSTANCE } from './labels.js';

/** Within what counters appear: from one point of a graph to the next, or in all that the dashboard shows. */
export type Period = 'points' | 'range';

interface Words {
  readonly first: (series: string) => string;
  readonly before: (series: string) => string;
  readonly lengthS: string;
}

const WORDS: Readonly<Record<Period, Words>> = {
  points: {
    first: (series) => series,
    before: (series) => `${series} offset $__rate_interval`,
    lengthS: '$__rate_interval_ms / 1000',
  },
  range: {
    first: (series) => `min_over_time(${series}[$__range])`,
    // What was not there for an hour is new when it comes back; shorter gaps are lost scrapes.
    before: (series) => `last_over_time(${series}[1h] offset $__range)`,
    lengthS: '$__range_s',
  },
};

/**
 * The values of `counters` that were not there before the period: the last ones of `points`, which are all of their growth,
 * and the first ones of a `range`, to which theirs is added. Not those of a process that ran before it was first scraped:
 * when they grew, nobody knows.
 */
export function appeared(period: Period, counters: string, uptime: string): string {
  const { first, before, lengthS } = WORDS[period];
  const found = `on (${BY_INSTANCE.join(', ')}) (${first(uptime)} > ${lengthS} unless ${before(uptime)})`;
  return `(${first(counters)} unless ${before(counters)} unless ${found})`;
}
