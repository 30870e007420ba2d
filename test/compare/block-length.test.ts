// How long blocks are: what scrapes can tell, and what fits into memory.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { blockLength, pastOf, type SidesShape } from '../../src/compare/prometheus/block-length.js';

const HOUR_S = 3600;
const DAY_S = 86_400;
const SHAPE: SidesShape = { askedS: undefined, intervalS: 15, longestS: HOUR_S, valuesOfBlock: 860 };

const LENGTHS: readonly (readonly [name: string, shape: Partial<SidesShape>, blockS: number])[] = [
  ['an hour of a few instances', {}, 60],
  ['a scrape less in the time that was looked at', { intervalS: 15.8 }, 60],
  ['scrapes each 30 s', { intervalS: 30 }, 150],
  ['scrapes each minute', { intervalS: 60 }, 300],
  ['scrapes each two minutes', { intervalS: 120 }, 480],
  ['an hour of 160 instances', { valuesOfBlock: 160 * 103 }, 60],
  ['a week', { longestS: 7 * DAY_S }, 360],
  ['a month of ten instances', { longestS: 31 * DAY_S, valuesOfBlock: 2150 }, 3840],
  ['a length that was asked for', { askedS: 5 }, 5],
  ['nothing', { valuesOfBlock: 0, longestS: 0 }, 60],
];
for (const [name, shape, blockS] of LENGTHS) {
  it(`of ${name}: ${blockS} s`, () => assert.equal(blockLength({ ...SHAPE, ...shape }), blockS));
}

it('refuses a length that makes more of them than can be kept', () => {
  assert.throws(() => blockLength({ ...SHAPE, askedS: 10, longestS: 31 * DAY_S }), {
    name: 'UnreadableData',
    message: '31 days in blocks of 10 s are too much to compare; choose a shorter --window or a longer --block.',
  });
});

it('of the past: as the sides, if that leaves enough of it', () => {
  const common = { blockS: undefined, usedS: 60, pastS: 7 * DAY_S };
  assert.deepEqual(pastOf(8 * DAY_S, { ...common, valuesOfBlock: 100 }), {
    stretch: { startS: DAY_S, endS: 8 * DAY_S },
    blockS: 60,
  });
  const many = pastOf(8 * DAY_S, { ...common, valuesOfBlock: 10_000 });
  assert.deepEqual([many.blockS, many.stretch.endS - many.stretch.startS], [300, 150 * 300]);
  assert.equal(pastOf(8 * DAY_S, { ...common, blockS: 60, valuesOfBlock: 10_000 }).blockS, 300);
});
