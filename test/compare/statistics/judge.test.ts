import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../src/compare/observations.js';
import { type Evidence, judge, judgeAll, type Part, relevanceAt } from '../../../src/compare/statistics/judge.js';

const BASE: Evidence = {
  effect: { value: 0, low: -0.1, high: 0.1 },
  relevance: { down: -0.18, up: 0.18 },
  pWorse: 0.5,
  pBetter: 0.5,
  errorRate: 0.02,
  againstWorse: false,
  againstBetter: false,
};

test('one measure', () => {
  const cases: { evidence: Partial<Evidence>; answer: Answer }[] = [
    { evidence: {}, answer: 'no difference' },
    { evidence: { effect: { value: 0.3, low: 0.2, high: 0.4 }, pWorse: 0.001 }, answer: 'worse' },
    { evidence: { effect: { value: -0.3, low: -0.4, high: -0.2 }, pBetter: 0.001 }, answer: 'better' },
    // Sure, but too small to matter: the interval still has to keep within what does not.
    { evidence: { effect: { value: 0.1, low: 0.05, high: 0.15 }, pWorse: 0.001 }, answer: 'no difference' },
    { evidence: { effect: { value: 0.15, low: 0.05, high: 0.25 }, pWorse: 0.001 }, answer: 'inconclusive' },
    // Large, but not sure.
    { evidence: { effect: { value: 0.3, low: -0.1, high: 0.7 }, pWorse: 0.03 }, answer: 'inconclusive' },
    // Sure and large, with an objection.
    {
      evidence: { effect: { value: 0.3, low: 0.2, high: 0.4 }, pWorse: 0.001, againstWorse: true },
      answer: 'inconclusive',
    },
    { evidence: { effect: { value: 0, low: -0.3, high: 0.1 } }, answer: 'inconclusive' },
  ];
  for (const { evidence, answer } of cases)
    assert.equal(judge({ ...BASE, ...evidence }), answer, JSON.stringify(evidence));
});

test('what matters is a ratio, and a difference too', () => {
  const large = relevanceAt(1, 1.2, 0.01);
  assert.ok(Math.abs(large.up - Math.log(1.2)) < 1e-12 && Math.abs(large.down + Math.log(1.2)) < 1e-12);
  const small = relevanceAt(0.02, 1.2, 0.01);
  assert.ok(Math.abs(small.up - Math.log(1.5)) < 1e-12 && Math.abs(small.down - Math.log(0.5)) < 1e-12);
  assert.equal(relevanceAt(0.005, 1.2, 0.01).down, Number.NEGATIVE_INFINITY);
});

test('the whole', () => {
  const part = (answer: Answer, changes: Partial<Part> = {}): Part => ({
    answer,
    core: true,
    mayBeWorse: answer === 'worse',
    isWait: false,
    ...changes,
  });
  const wait = { isWait: true };
  const cases: { parts: Part[]; whole: Answer }[] = [
    { parts: [part('no difference'), part('no difference', wait)], whole: 'no difference' },
    { parts: [part('no difference'), part('worse', { core: false })], whole: 'worse' },
    { parts: [part('better'), part('worse', wait)], whole: 'worse' },
    { parts: [part('better'), part('no difference', wait)], whole: 'better' },
    { parts: [part('better'), part('inconclusive', { isWait: true, mayBeWorse: true })], whole: 'inconclusive' },
    // A wait that may be shorter, not relevantly longer, stands in nobody's way; a cost of which one cannot tell does.
    { parts: [part('no difference'), part('inconclusive', wait)], whole: 'no difference' },
    { parts: [part('inconclusive'), part('no difference', wait)], whole: 'inconclusive' },
    { parts: [part('no difference'), part('inconclusive', { core: false, mayBeWorse: true })], whole: 'no difference' },
    { parts: [part('no difference', { core: false })], whole: 'inconclusive' },
    { parts: [], whole: 'inconclusive' },
  ];
  for (const { parts, whole } of cases) assert.equal(judgeAll(parts), whole, JSON.stringify(parts));
});
