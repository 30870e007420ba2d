// Which two are compared, and when, from when each was seen.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Appearance } from '../../src/compare/prometheus/discover.js';
import { chooseSides, type SidesOptions } from '../../src/compare/sides.js';

const NOW_S = 1_764_000_000;
const MINUTE_S = 60;
const STEP_S = 5 * MINUTE_S;

/** Seen from so many minutes ago until so many minutes ago. */
function seen(value: string, from: number, to: number): Appearance {
  const seenS: number[] = [];
  for (let atS = NOW_S - from * MINUTE_S; atS <= NOW_S - to * MINUTE_S; atS += STEP_S) seenS.push(atS);
  return { value, seenS };
}

function choose(appearances: readonly Appearance[], more: Partial<SidesOptions> = {}): string {
  const { baseline, candidate } = chooseSides(appearances, {
    ...{ what: 'version', baseline: undefined, candidate: undefined },
    ...{
      windowS: 60 * MINUTE_S,
      lookbackS: 24 * 60 * MINUTE_S,
      nowS: NOW_S,
      stepS: STEP_S,
      lateStepS: STEP_S,
      lateFromS: 0,
    },
    ...more,
  });
  const minutesAgo = (unixS: number) => (NOW_S - unixS) / MINUTE_S;
  return [baseline, candidate]
    .map(({ value, time }) => `${value} ${minutesAgo(time.startS)}-${minutesAgo(time.endS)}`)
    .join(', ');
}

const CASES: readonly (readonly [
  name: string,
  appearances: readonly Appearance[],
  chosen: string,
  more?: Partial<SidesOptions>,
])[] = [
  ['a canary: both over the same time', [seen('2', 40, 0), seen('1', 1440, 0)], '1 40-0, 2 40-0'],
  ['a canary that is old: the last window of both', [seen('1', 1440, 0), seen('2', 300, 0)], '1 60-0, 2 60-0'],
  [
    'two that were there from the first look on: by their numbers',
    [seen('1.10', 1440, 0), seen('1.9', 1440, 0)],
    '1.9 60-0, 1.10 60-0',
  ],
  [
    'two commits, one of which came later',
    [seen('b7a01f2', 1440, 0), seen('0c11d9e', 300, 0)],
    'b7a01f2 60-0, 0c11d9e 60-0',
  ],
  ['a rollout that is over: one after the other', [seen('1', 1440, 55), seen('2', 50, 0)], '1 115-55, 2 50-0'],
  ['a rollout with some minutes of both', [seen('1', 1440, 45), seen('2', 55, 0)], '1 115-55, 2 55-0'],
  [
    'a rollback: the one between is the candidate',
    [{ ...seen('1', 1440, 0), seenS: [...seen('1', 1440, 120).seenS, ...seen('1', 60, 0).seenS] }, seen('2', 115, 65)],
    '1 180-120, 2 115-65',
  ],
  ['three, one of which is gone', [seen('0', 1440, 700), seen('1', 700, 0), seen('2', 30, 0)], '1 30-0, 2 30-0'],
  [
    'three, one of which runs: with the one before it',
    [seen('0', 1440, 700), seen('1', 700, 90), seen('2', 85, 0)],
    '1 150-90, 2 60-0',
  ],
  [
    'a named candidate: with the one before it',
    [seen('0', 1440, 700), seen('1', 700, 90), seen('2', 85, 0)],
    '0 760-700, 1 150-90',
    { candidate: '1' },
  ],
  [
    'a named baseline: with the newest',
    [seen('0', 1440, 700), seen('1', 700, 90), seen('2', 85, 0)],
    '0 760-700, 2 60-0',
    { baseline: '0' },
  ],
  [
    'both named, the later one first',
    [seen('1', 1440, 0), seen('2', 40, 0)],
    '2 60-0, 1 60-0',
    { baseline: '2', candidate: '1' },
  ],
  [
    'a baseline that came later',
    [seen('1', 1440, 300), seen('2', 200, 0)],
    '2 200-140, 1 360-300',
    { baseline: '2', candidate: '1' },
  ],
];
it('something short, long ago: since the look before', () => {
  const appearances = [seen('1', 1440, 0), seen('2', 300, 300)];
  const named = { baseline: '1', candidate: '2' };
  assert.equal(choose(appearances, { ...named, lateFromS: NOW_S - 7200 }), '1 305-300, 2 305-300');
});
for (const [name, appearances, chosen, more] of CASES) {
  it(name, () => assert.equal(choose(appearances, more), chosen));
}

const FAILURES: readonly (readonly [
  name: string,
  appearances: readonly Appearance[],
  sentence: RegExp,
  more?: Partial<SidesOptions>,
])[] = [
  ['nothing', [], /^NothingYet: No version was seen in the last 1 day\.$/],
  [
    'one',
    [seen('1', 600, 0)],
    /^NothingYet: Only version 1 was seen in the last 1 day, so there is nothing to compare it with;/,
  ],
  [
    'one and another name',
    [seen('1', 600, 0)],
    /^NothingYet: Version 2 was not seen in the last 1 day \(seen: 1\)\.$/,
    { baseline: '1', candidate: '2' },
  ],
  [
    'two commits that were there from the first look on',
    [seen('b7a01f2', 1440, 0), seen('0c11d9e', 1440, 0)],
    /^UnreadableData: Both versions, 0c11d9e, b7a01f2, were there at the beginning of the last 1 day, so nothing tells which came first: name --baseline and --candidate, or a longer --lookback\.$/,
  ],
  [
    'three that run',
    ['1', '2', '3'].map((value) => seen(value, 600, 0)),
    /^UnreadableData: 3 versions run; choose two with --baseline and --candidate: 1, 2, 3\.$/,
  ],
  ['many that run', Array.from({ length: 30 }, (_, index) => seen(`v${index}`, 600, 0)), /: v0, .*, v7 and 22 more\.$/],
];
for (const [name, appearances, sentence, more] of FAILURES) {
  it(`${name} cannot be compared`, () =>
    assert.throws(
      () => choose(appearances, more),
      (error: Error) => sentence.test(String(error)) || assert.fail(String(error)),
    ));
}
