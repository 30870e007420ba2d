import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NAMED_BOUNDS_S } from '../../grafana/rules/option-kinds.js';
import { renderSuggestion, suggestionJson } from '../../src/slo/render.js';
import { type Hour, suggest } from '../../src/slo/suggest.js';

const MOMENTS = 100_000;
const HOUR_S = 3600;
/** 2026-11-02T00:00:00Z. */
const START_S = 1_793_577_600;

/** An hour in which the shares of `slow` moments had more lag than the bounds. */
function hour(at: number, slow: Readonly<Record<number, number>>, moments = MOMENTS): Hour {
  const shareAbove = (boundS: number) =>
    Math.max(0, ...Object.entries(slow).flatMap(([from, share]) => (Number(from) >= boundS ? [share] : [])));
  return {
    endS: START_S + at * HOUR_S,
    moments,
    within: new Map(NAMED_BOUNDS_S.map((boundS) => [boundS, Math.round(moments * (1 - shareAbove(boundS)))])),
  };
}
const hours = (count: number, slow: Readonly<Record<number, number>>) =>
  Array.from({ length: count }, (_, at) => hour(at, slow));

describe('suggest()', () => {
  const CASES: readonly (readonly [string, readonly Hour[], number, number | undefined])[] = [
    ['takes the smallest bound that held with half of the budget to spare', hours(400, { 0.1: 0.0004 }), 0.999, 0.05],
    ['leaves out one that used more than half of the budget', hours(400, { 0.1: 0.0006 }), 0.999, 0.25],
    ['takes a larger share as easier', hours(400, { 0.1: 0.004 }), 0.99, 0.05],
    ['never goes below what somebody notices', hours(400, { 0.0025: 0.0001 }), 0.999, 0.05],
    ['has none where none held', hours(400, { 30: 0.002 }), 0.999, undefined],
  ];
  for (const [title, past, objective, boundS] of CASES) {
    it(title, () => assert.equal(suggest(past, objective)?.chosen?.boundS, boundS));
  }

  it('weighs hours by their moments, and leaves out those with few', () => {
    const quiet = Array.from({ length: 50 }, (_, at) => hour(400 + at, { 2.5: 1 }, 900));
    const suggestion = suggest([...hours(400, { 0.1: 0.0001 }), ...quiet], 0.999);
    assert.equal(suggestion?.hours, 400);
    assert.equal(suggestion?.chosen?.boundS, 0.05);
    // One bad hour among busy ones is little; among idle ones it would be much.
    const busy = suggest([...hours(399, {}), hour(399, { 0.5: 0.1 }, 7200)], 0.999);
    assert.ok((busy?.candidates.find(({ boundS }) => boundS === 0.1)?.budget ?? 1) < 0.03);
    assert.equal(suggest(quiet, 0.999), undefined);
    assert.equal(suggest([], 0.999), undefined);
  });

  it('tells of the worst day and of the hours that would have paged', () => {
    const past = hours(240, {}).map((each, at) => (at >= 100 && at < 104 ? hour(at, { 0.1: 0.06 }) : each));
    const found = suggest(past, 0.999)?.candidates.find(({ boundS }) => boundS === 0.05);
    assert.equal(found?.pages, 4);
    // 6 % of 4 hours: in 240 hours as much as the budget, in 24 ten times.
    assert.ok(Math.abs((found?.budget ?? 0) - 1) < 1e-3, `${found?.budget}`);
    assert.ok(Math.abs((found?.worstDay ?? 0) - 10) < 1e-2, `${found?.worstDay}`);
    assert.ok(Math.abs((found?.good ?? 0) - 0.999) < 1e-6);
    const just = suggest(past, 0.99)?.candidates.find(({ boundS }) => boundS === 0.05);
    assert.equal(just?.pages, 0);
  });

  it('takes a day as a day, also of a job that runs for some hours of each', () => {
    const past = Array.from({ length: 30 * 8 }, (_, at) => {
      const day = Math.floor(at / 8);
      return hour(day * 24 + (at % 8), day === 12 ? { 0.1: 0.01 } : {});
    });
    const found = suggest(past, 0.999)?.candidates.find(({ boundS }) => boundS === 0.05);
    assert.ok(Math.abs((found?.worstDay ?? 0) - 10) < 1e-2, `${found?.worstDay}`);
    // What began a day ago or less is told of as it is.
    const young = suggest(past.slice(12 * 8, 12 * 8 + 4), 0.999)?.candidates.find(({ boundS }) => boundS === 0.05);
    assert.ok(Math.abs((young?.worstDay ?? 0) - 10) < 1e-2, `${young?.worstDay}`);
  });

  it('offers a lower share where there is no bound', () => {
    assert.deepEqual(suggest(hours(400, { 30: 0.002 }), 0.999)?.instead, { objective: 0.995, boundS: 0.05 });
    assert.equal(suggest(hours(400, { 30: 0.5 }), 0.999)?.instead, undefined);
  });

  it('leaves out bounds that an hour has no bucket of', () => {
    const [first, ...rest] = hours(400, {});
    assert.ok(first !== undefined);
    const within = new Map([...first.within].filter(([boundS]) => boundS !== 0.05));
    assert.equal(suggest([{ ...first, within }, ...rest], 0.999)?.chosen?.boundS, 0.1);
  });
});

describe('what is said of it', () => {
  it('is a sentence, a table and the command that takes it', () => {
    const past = hours(400, { 0.1: 0.0004, 0.25: 0.0001 });
    const suggestion = suggest(past, 0.999);
    assert.ok(suggestion !== undefined);
    const text = renderSuggestion(suggestion, { job: 'shop', hours: past });
    assert.equal(
      text.split('\n')[0],
      '99.9 % of the moments of shop within 50 ms of lag: 99.96 % were, which used 40 % of the budget.',
    );
    assert.match(text, /^ {4}50 ms +99\.96 % +40 % +40 % +0 {2}<- suggested$/m);
    assert.match(text, /^Of job shop, 400 hours until 2026-11-18 15:00:00Z, all main threads together\.$/m);
    assert.match(text, /^ {2}loopsight rules export <folder\/> --slo-objective 0\.999 --slo-bound-s 0\.05\n$/m);
    assert.doesNotMatch(text, /less than a week/);
    for (const line of text.split('\n')) assert.ok(line.length <= 120, line);
    const young = suggest(past.slice(0, 30), 0.999);
    assert.ok(young !== undefined);
    assert.match(renderSuggestion(young, { job: 'shop', hours: past }), /less than a week: ask again/);
    assert.deepEqual(
      { ...(suggestionJson(suggestion, { job: 'shop', hours: past }) as object), bounds: undefined },
      {
        job: 'shop',
        objective: 0.999,
        boundS: 0.05,
        instead: null,
        hours: 400,
        endS: START_S + 399 * HOUR_S,
        bounds: undefined,
      },
    );
  });

  it('says that there is none, and what there could be', () => {
    const past = hours(400, { 30: 0.002 });
    const suggestion = suggest(past, 0.999);
    assert.ok(suggestion !== undefined);
    const text = renderSuggestion(suggestion, { job: 'a\u001bb', hours: past });
    assert.match(
      text,
      /^No bound from 50 ms on would have held 99\.9 % of the moments of ab and used at most 50 % of the budget\. With --objective 0\.995 it would be 50 ms/,
    );
    assert.match(text, /--slo-objective 0\.995 --slo-bound-s 0\.05\n$/);
  });

  it('never rounds a share up to all', () => {
    const past = hours(400, { 0.1: 0.00003 });
    const suggestion = suggest(past, 0.999);
    assert.ok(suggestion !== undefined);
    assert.match(renderSuggestion(suggestion, { job: 'shop', hours: past }), /99\.997 % were/);
  });
});
