// The rule of the kill test about rates sees what it is there for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CountScrape, compareCounts, isTrue } from './rates.js';

const PER_S = 100;
const DURATION_MS = 10_000;
const answers = new Map(
  ['a', 'b'].map((version) => [
    version,
    Array.from({ length: (DURATION_MS / 1000) * PER_S }, (_, index) => (index * 1000) / PER_S),
  ]),
);

/** Scrapes of 10 ms each 100 ms; `shown` is what they show of the requests that were answered so far. */
function scrapesWhere(shown: (version: string, answered: number, atMs: number) => number): CountScrape[] {
  return Array.from({ length: DURATION_MS / 100 }, (_, index) => {
    const startMs = index * 100;
    const count = (version: string, times: readonly number[]) =>
      shown(version, times.filter((atMs) => atMs <= startMs + 5).length, startMs);
    const counts = new Map([...answers].map(([version, times]) => [version, count(version, times)]));
    return { startMs, atMs: startMs + 10, counts };
  });
}

const CASES: Readonly<Record<string, readonly [shown: Parameters<typeof scrapesWhere>[0], isTrue: boolean]>> = {
  'what was answered': [(_version, answered) => answered, true],
  'half a second late from beginning to end': [(_version, answered) => Math.max(0, answered - PER_S / 2), false],
  'two of a hundred too few': [(_version, answered) => answered * 0.98, false],
  'two of a hundred too many': [(_version, answered) => answered * 1.02, false],
  'one member that stands still in the last second': [
    (version, answered) => (version === 'a' ? Math.min(answered, 9 * PER_S) : answered),
    false,
  ],
  'all of one member again': [
    (version, answered, atMs) => (version === 'a' && atMs > 5000 ? answered * 2 : answered),
    false,
  ],
};
for (const [title, [shown, expected]] of Object.entries(CASES)) {
  test(`${title}: ${expected ? 'true' : 'not true'}`, () => {
    assert.equal(isTrue(compareCounts(scrapesWhere(shown), answers, new Map())), expected);
  });
}

test('what a member counted is compared up to its death', () => {
  const scrapes = scrapesWhere((version, answered) => (version === 'a' ? Math.min(answered, 5 * PER_S) : answered));
  assert.equal(isTrue(compareCounts(scrapes, answers, new Map([['a', 5000]]))), true);
  assert.equal(isTrue(compareCounts(scrapes, answers, new Map([['a', 6000]]))), false);
});
