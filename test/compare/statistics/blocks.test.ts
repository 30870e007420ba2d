import assert from 'node:assert/strict';
import { test } from 'node:test';
import { designOf } from '../../../src/compare/statistics/design.js';
import { chooseBlockLength, joinBlocks } from '../../../src/compare/statistics/join-blocks.js';
import { settledBlocks } from '../../../src/compare/statistics/settled.js';
import { blockOf, histogramOf } from './block.js';

const LIMITS = { minimumS: 60, maximumS: 300 };
const minutes = (count: number, changes: (startS: number) => Parameters<typeof blockOf>[0]) =>
  Array.from({ length: count }, (_, index) => blockOf({ startS: 60 * index, ...changes(60 * index) }));

test('a block is as long as the traffic needs, within the limits and not shorter than the past has', () => {
  const cases = [
    { requests: 6000, pastS: undefined, lengthS: 60 },
    { requests: 100, pastS: undefined, lengthS: 120 },
    { requests: 1, pastS: undefined, lengthS: 300 },
    { requests: 0, pastS: undefined, lengthS: 300 },
    { requests: 6000, pastS: 300, lengthS: 300 },
  ];
  for (const { requests, pastS, lengthS } of cases) {
    const past = pastS === undefined ? [] : [blockOf({ durationS: pastS })];
    assert.equal(
      chooseBlockLength(
        minutes(4, () => ({ requests })),
        past,
        LIMITS,
      ),
      lengthS,
    );
  }
});

test("an instance's neighbouring blocks are joined, a stretch that is less than half full is left out", () => {
  const blocks = minutes(7, (startS) => ({ ageS: 1000 + startS }));
  const joined = joinBlocks(blocks, 300);
  assert.equal(joined.length, 1);
  const [block] = joined;
  assert.deepEqual(
    { ...block, functions: undefined, lag: block?.lag?.counts.reduce((sum, count) => sum + count) },
    {
      instance: 'a',
      startS: 0,
      durationS: 300,
      ageS: 1000,
      requests: 3000,
      loopActiveS: 12,
      gcS: 0.5,
      lag: 5000,
      functions: undefined,
    },
  );
});

test('blocks of instances that were scraped at other moments are matched', () => {
  const apart = [blockOf({ startS: 3 }), blockOf({ startS: 64 }), blockOf({ instance: 'b', startS: 21 })];
  assert.deepEqual(
    joinBlocks(apart, 60).map(({ instance, startS }) => `${instance} ${startS}`),
    ['a 0', 'a 60', 'b 0'],
  );
});

test('what one of the blocks does not know, the joined block does not know; functions come and go', () => {
  const once = new Map([['f', histogramOf(0.001, 0.001, 0.001)]]);
  const [joined] = joinBlocks(
    [blockOf({ gcS: undefined }), blockOf({ startS: 60, functions: once }), blockOf({ startS: 120, functions: once })],
    300,
  );
  assert.equal(joined?.gcS, undefined);
  assert.equal(joined?.functions.get('f')?.counts[0], 2000);
});

test('instances are never joined with each other', () => {
  assert.equal(joinBlocks([blockOf(), blockOf({ instance: 'b' })], 60).length, 2);
});

test('fresh processes do not count: neither young ones nor those that were idle until now', () => {
  const young = minutes(10, (startS) => ({ ageS: startS }));
  assert.deepEqual(
    settledBlocks(young, 300).map(({ startS }) => startS),
    [300, 360, 420, 480, 540],
  );
  const waiting = minutes(10, (startS) => ({ ageS: 3600 + startS, requests: startS < 120 ? 2 : 600 }));
  assert.deepEqual(
    settledBlocks(waiting, 300).map(({ startS }) => startS),
    [420, 480, 540],
  );
  const old = minutes(3, (startS) => ({ ageS: 86_400 + startS }));
  assert.equal(settledBlocks(old, 300).length, 3);
  const unknown = minutes(3, () => ({ ageS: undefined }));
  assert.equal(settledBlocks(unknown, 300).length, 3);
});

test('a restart begins another life', () => {
  const before = minutes(3, (startS) => ({ ageS: 86_400 + startS }));
  const after = minutes(7, (startS) => ({ startS: 180 + startS, ageS: startS }));
  assert.deepEqual(
    settledBlocks([...before, ...after], 300).map(({ startS }) => startS),
    [0, 60, 120, 480, 540],
  );
});

test('the design follows from times and names', () => {
  const hour = (instance: string, fromS: number) => minutes(10, (startS) => ({ instance, startS: fromS + startS }));
  assert.equal(designOf(hour('a', 0), hour('b', 0)), 'concurrent');
  assert.equal(designOf(hour('a', 0), hour('a', 600)), 'paired');
  assert.equal(designOf(hour('a', 0), hour('b', 600)), 'sequential');
  assert.equal(designOf(hour('a', 0), hour('b', 480)), 'sequential');
  assert.equal(designOf([], hour('b', 0)), undefined);
});
