import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Block, Comparison } from '../../../src/compare/observations.js';
import { compare } from '../../../src/compare/statistics/compare.js';
import { blockOf, histogramOf } from './block.js';

const HOUR_S = 3600;

/** Minutes of instances whose costs differ by a few percent and wander a little. */
function minutesOf(
  names: readonly string[],
  fromS: number,
  untilS: number,
  changes: (startS: number) => Partial<Block> = () => ({}),
): Block[] {
  return names.flatMap((instance, offset) =>
    Array.from({ length: (untilS - fromS) / 60 }, (_, index) => {
      const startS = fromS + index * 60;
      const requests = Math.round(600 * (1 + 0.3 * Math.sin(startS / 5000) + 0.02 * Math.sin(startS * 1.7 + offset)));
      const cost =
        0.004 *
        (1 + 0.02 * Math.sin(offset * 2.4) + 0.02 * Math.sin(startS / 700) + 0.02 * Math.sin(startS / 130 + offset));
      const block = blockOf({ instance, startS, requests, ageS: 90_000 + startS, ...changes(startS) });
      return {
        ...block,
        loopActiveS: block.requests * cost * (changes(startS).loopActiveS ?? 1),
        gcS: block.requests * cost * 0.05,
      };
    }),
  );
}

/** Four places, whose instances are replaced every quarter of an hour. */
function comingAndGoing(name: string, untilS: number, changes?: (startS: number) => Partial<Block>): Block[] {
  return minutesOf(
    [0, 1, 2, 3].map((place) => `${name}${place}`),
    0,
    untilS,
    changes,
  ).map((block) => ({
    ...block,
    instance: `${block.instance}-${Math.floor(block.startS / 900)}`,
    ageS: block.startS % 900,
  }));
}

const OLD = ['a', 'b', 'c', 'd'];
const NEW = ['e', 'f', 'g', 'h'];
const PAST = minutesOf(OLD, -24 * HOUR_S, -HOUR_S);
const side = (label: string, blocks: readonly Block[]) => ({ label, blocks });
const dearer = (factor: number) => () => ({ loopActiveS: factor });
const rolling = (changes?: (startS: number) => Partial<Block>, names = NEW): Comparison => ({
  baseline: side('1.4.2', minutesOf(OLD, -HOUR_S, 0)),
  candidate: side('1.5.0', minutesOf(names, 0, HOUR_S, changes)),
  past: PAST,
});

test('the verdict follows what requests cost', () => {
  const cases = [
    { factor: 1, verdict: 'no difference' },
    { factor: 1.5, verdict: 'worse' },
    { factor: 0.6, verdict: 'better' },
    // Surely dearer, but by less than what matters.
    { factor: 1.08, verdict: 'no difference' },
  ];
  for (const { factor, verdict } of cases) {
    const found = compare(rolling(dearer(factor)));
    assert.equal(found.verdict, verdict, `${factor}: ${JSON.stringify(found.metrics, null, 1)}`);
    const ratio = found.metrics.find(({ id }) => id === 'loop-active-per-request')?.ratio;
    assert.ok(
      ratio !== undefined && ratio.low < factor && factor < ratio.high,
      `${factor} in ${JSON.stringify(ratio)}`,
    );
  }
});

test('what matters is an option', () => {
  assert.equal(compare(rolling(dearer(1.5)), { minimumRatio: 2 }).verdict, 'no difference');
  assert.equal(compare(rolling(dearer(1.15)), { minimumRatio: 1.05 }).verdict, 'worse');
});

test('without history the baseline alone says how much it moves', () => {
  const found = compare({ ...rolling(dearer(2)), past: [] });
  assert.equal(found.verdict, 'worse');
  assert.equal(found.pastWindows, 0);
  assert.match(found.reasons.join('\n'), /There is too little history/);
  assert.notEqual(compare({ ...rolling(), past: [] }).verdict, 'worse');
});

test('the three designs', () => {
  assert.equal(compare(rolling()).design, 'sequential');
  assert.equal(compare(rolling(undefined, OLD)).design, 'paired');
  const canary = compare({
    baseline: side('A', minutesOf(OLD, 0, HOUR_S)),
    candidate: side('B', minutesOf(['x'], 0, HOUR_S, dearer(1.5))),
    past: [],
  });
  assert.equal(canary.design, 'concurrent');
  assert.equal(canary.verdict, 'worse', JSON.stringify(canary, null, 1));
});

test('a canary within the range of its peers is not worse, however sure the mean is', () => {
  const uneven = minutesOf(OLD, 0, HOUR_S).map((block) =>
    block.instance === 'd' ? { ...block, loopActiveS: (block.loopActiveS ?? 0) * 1.6 } : block,
  );
  const found = compare({
    baseline: side('A', uneven),
    candidate: side('B', minutesOf(['x'], 0, HOUR_S, dearer(1.5))),
    past: [],
  });
  assert.notEqual(found.verdict, 'worse');
});

test('an excess that fades is not called worse', () => {
  const fading = rolling((startS) => ({ ageS: startS, loopActiveS: startS < 1500 ? 2.5 : 1.02 }));
  const found = compare(fading);
  const active = found.metrics.find(({ id }) => id === 'loop-active-per-request');
  assert.ok((active?.ratio?.value ?? 0) > 1.2);
  assert.notEqual(active?.answer, 'worse');
});

test('the first five minutes of a process do not count', () => {
  const fresh = compare(rolling((startS) => ({ ageS: startS, loopActiveS: startS < 300 ? 9 : 1 })));
  assert.equal(fresh.verdict, 'no difference');
  assert.equal(fresh.candidate.seconds, 4 * 55 * 60);
});

test('what is missing is said', () => {
  const empty = {
    baseline: side('1.4.2', []),
    candidate: side(
      '1.5.0',
      minutesOf(NEW, 0, 240, (startS) => ({ ageS: startS })),
    ),
    past: [],
  };
  const cases: { comparison: Comparison; says: RegExp }[] = [
    { comparison: empty, says: /Nothing was found of 1\.4\.2\..*All instances of 1\.5\.0 are fresh/s },
    {
      comparison: { ...rolling(), candidate: side('B', minutesOf(NEW, 0, 180)) },
      says: /the candidate has 3 blocks with enough data; it takes 5/,
    },
    { comparison: { ...rolling(), baseline: side('A', minutesOf(OLD, -300, 0)), past: [] }, says: /no history/ },
    {
      comparison: {
        baseline: side('A', minutesOf(['a'], 0, HOUR_S)),
        candidate: side('B', minutesOf(['b'], 0, HOUR_S)),
        past: [],
      },
      says: /it takes two instances, or a history that has several at the same time\.$/,
    },
    {
      // A day of history says how much it moves, and not how far a restart moves it.
      comparison: {
        baseline: side('A', minutesOf(['a'], -HOUR_S, 0)),
        candidate: side('B', minutesOf(['a'], 0, HOUR_S, dearer(2))),
        past: minutesOf(['a'], -24 * HOUR_S, -HOUR_S),
      },
      says: /it takes two instances\.$/,
    },
    {
      comparison: {
        baseline: side('A', comingAndGoing('a', HOUR_S)),
        candidate: side('B', comingAndGoing('b', HOUR_S, dearer(1.5))),
        past: [],
      },
      says: /no instance of one side was there for half of the time/,
    },
    {
      comparison: rolling(() => ({ requests: 0 })),
      says: /^Nothing that 1\.5\.0 answered was counted, and everything is told per request\.$/,
    },
    { comparison: rolling(() => ({ requests: 3 })), says: /too few requests/ },
    { comparison: rolling(() => ({ requests: 6000 })), says: /the candidate has a load that the baseline never had/ },
    { comparison: rolling(() => ({ lag: undefined })), says: /p99 of the lag.*the candidate has none of it/is },
  ];
  for (const { comparison, says } of cases) {
    const found = compare(comparison);
    assert.equal(found.verdict, 'inconclusive');
    assert.match(found.missing.join('\n'), says);
    // Of what was not estimated, nothing was concluded.
    if (found.metrics.every(({ ratio }) => ratio === undefined)) {
      assert.doesNotMatch(found.reasons.join('\n'), /was concluded/);
    }
  }
});

test('progress tells how much of the data is there', () => {
  const progress = [0, 120, 240, HOUR_S].map(
    (untilS) => compare({ ...rolling(), candidate: side('B', minutesOf(NEW, 0, untilS)) }).progress,
  );
  assert.deepEqual(progress, [0, 0.4, 0.8, 1]);
});

test('functions are judged by themselves', () => {
  const functions = (s: number) => ({
    functions: new Map([
      ['quick', histogramOf(0.001, 0.001, 0.001)],
      ['slow', histogramOf(s, s, s)],
    ]),
  });
  const comparison = {
    baseline: side(
      'A',
      minutesOf(OLD, -HOUR_S, 0, () => functions(0.05)),
    ),
    candidate: side(
      'B',
      minutesOf(NEW, 0, HOUR_S, () => functions(0.25)),
    ),
    past: minutesOf(OLD, -24 * HOUR_S, -HOUR_S, () => functions(0.05)),
  };
  const found = compare(comparison);
  assert.equal(found.verdict, 'worse');
  assert.deepEqual(
    new Set(found.metrics.filter(({ answer }) => answer === 'worse').map(({ subject }) => subject)),
    new Set(['slow']),
  );
  assert.equal(compare(comparison, { functions: 0 }).verdict, 'no difference');
});

test('options out of their bounds are refused, with name, bound and value', () => {
  const cases = [
    {
      options: { minimumRatio: 1 },
      message: 'Expected `minimumRatio` to be a finite number above 1, got `1` (number)',
    },
    {
      options: { errorRate: 0.5 },
      message: 'Expected `errorRate` to be a number above 0 and at most 0.2, got `0.5` (number)',
    },
    { options: { warmUpS: -1 }, message: 'Expected `warmUpS` to be a finite number >= 0, got `-1` (number)' },
    {
      options: { maximumBlockS: 30 },
      message: 'Expected `maximumBlockS` to be a finite number >= minimumBlockS, got `30` (number)',
    },
    { options: { functions: 1.5 }, message: 'Expected `functions` to be an integer >= 0, got `1.5` (number)' },
    {
      options: { look: { number: 3, of: 2 } },
      message: 'Expected `look.number` to be an integer from 1 to 2, got `3` (number)',
    },
  ];
  for (const { options, message } of cases)
    assert.throws(() => compare(rolling(), options), { name: 'TypeError', message });
});

test('an early look has to be surer', () => {
  const canary = {
    baseline: side('A', minutesOf(OLD, 0, HOUR_S)),
    candidate: side('B', minutesOf(['x'], 0, HOUR_S, dearer(1.5))),
    past: [],
  };
  assert.equal(compare(canary).verdict, 'worse');
  assert.equal(compare(canary, { look: { number: 1, of: 1000 } }).verdict, 'inconclusive');
});
