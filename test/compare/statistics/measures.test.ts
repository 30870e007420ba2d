import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Block } from '../../../src/compare/observations.js';
import { type Measure, measuresFor } from '../../../src/compare/statistics/measures.js';
import { pointsOf, valueAt } from '../../../src/compare/statistics/points.js';
import { blockOf, histogramOf } from './block.js';

const MINIMUM_S = 0.01;
const once = { ...histogramOf(0.001, 0.001, 0.001), counts: [20] };

function measureOf(id: string, blocks: readonly Block[]): Measure {
  const found = measuresFor(blocks, 5, MINIMUM_S).find((measure) => measure.id === id);
  assert.ok(found);
  return found;
}

test('active loop time per request has half of the error rate, the others share the rest', () => {
  const functions = new Map([
    ['f', once],
    ['g', once],
  ]);
  for (const blocks of [[blockOf()], [blockOf({ functions })]]) {
    const [first, ...others] = measuresFor(blocks, 5, MINIMUM_S);
    assert.equal(first?.id, 'loop-active-per-request');
    assert.ok(Math.abs((first?.weight ?? 0) - others.reduce((sum, { weight }) => sum + weight, 0)) < 1e-9);
  }
});

test('the functions with the most calls are measured', () => {
  const functions = new Map([
    ['seldom', once],
    ['often', histogramOf(0.001, 0.01, 0.1)],
    ['never', { ...once, counts: [0] }],
  ]);
  const named = measuresFor([blockOf({ functions })], 2, MINIMUM_S).flatMap(({ subject }) => subject ?? []);
  assert.deepEqual(named, ['often', 'often', 'seldom', 'seldom']);
});

test('what is read from a block', () => {
  const functions = new Map([['f', histogramOf(0.001, 0.01, 0.1)]]);
  const block = blockOf({ functions, lag: histogramOf(0.001, 0.004, 0.2) });
  const cases = [
    { id: 'loop-active-per-request', value: 0.004 },
    { id: 'gc-per-request', value: 0.1 / 600 },
    { id: 'lag-slow-share', value: 0.015 },
    // The p99 is in the bucket from 0.1 to 0.25, a third of the way.
    { id: 'lag-p99', value: 0.1 * 2.5 ** (5 / 15) },
    { id: 'function-p50', value: 0.00025 * 4 ** (500 / 900) },
    { id: 'function-p99', value: 0.05 * 2 ** (5 / 15) },
  ];
  for (const { id, value } of cases) {
    const found = measureOf(id, [block]).read(block);
    assert.ok(Math.abs((found ?? 0) / value - 1) < 1e-9, `${id}: ${found} is not ${value}`);
  }
});

test('what is too little is not read', () => {
  const few = new Map([['f', once]]);
  const cases: { id: string; block: Block }[] = [
    { id: 'loop-active-per-request', block: blockOf({ requests: 29 }) },
    { id: 'loop-active-per-request', block: blockOf({ loopActiveS: undefined }) },
    { id: 'gc-per-request', block: blockOf({ gcS: undefined }) },
    { id: 'lag-p99', block: blockOf({ lag: { ...once, counts: [99] } }) },
    { id: 'lag-slow-share', block: blockOf({ lag: undefined }) },
    { id: 'function-p50', block: blockOf({ functions: few }) },
    { id: 'function-p99', block: blockOf({ functions: few }) },
  ];
  for (const { id, block } of cases) assert.equal(measureOf(id, [block]).read(block), undefined, id);
});

test('points are logarithms; a block without requests, or with nothing spent, is none', () => {
  const measure = measureOf('loop-active-per-request', [blockOf()]);
  assert.deepEqual(pointsOf([blockOf(), blockOf({ requests: 0 }), blockOf({ loopActiveS: 0 })], measure), [
    { instance: 'a', startS: 0, load: Math.log(10), level: Math.log(2.4 / 600) },
  ]);
});

test('a level goes back to its value, and nothing is 0', () => {
  const measure = measureOf('lag-slow-share', [blockOf()]);
  for (const value of [0, 0.001, 0.3]) {
    const lag = { bounds: [0.1], counts: [1000 - value * 1000, value * 1000], sum: undefined };
    const [point] = pointsOf([blockOf({ lag })], measure);
    const back = valueAt(point?.level ?? Number.NaN, measure);
    assert.ok(value === 0 ? back === 0 : Math.abs(back / value - 1) < 1e-9, `${back} is not ${value}`);
  }
});
