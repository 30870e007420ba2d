import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutEnd, cutStart, fitted, renderLine, widthOf } from '../../src/top/styled-text.js';

describe('text on a terminal', () => {
  const WIDTHS: readonly (readonly [string, number])[] = [
    ['', 0],
    ['abc', 3],
    ['grün', 4],
    ['gru\u0308n', 4],
    ['処理', 4],
    ['한글', 4],
    ['a😀b', 4],
    ['▁█…', 3],
  ];
  for (const [text, width] of WIDTHS) {
    it(`${JSON.stringify(text)} takes ${width} columns`, () => assert.equal(widthOf(text), width));
  }

  it('is cut at its end, or at its start, to at most the width', () => {
    assert.equal(cutEnd('handler', 7), 'handler');
    assert.equal(cutEnd('handler', 5), 'hand…');
    assert.equal(cutStart('src/shop.js:12', 10), '…hop.js:12');
    assert.equal(cutStart('処理.js', 5), '….js');
    for (const cut of [cutEnd, cutStart]) assert.equal(cut('abc', 0), '');
    for (let width = 0; width < 8; width++) {
      assert.ok(widthOf(cutEnd('処理処理', width)) <= width);
      assert.ok(widthOf(cutStart('処理処理', width)) <= width);
      assert.equal(widthOf(fitted('処理', width)), width);
    }
  });

  it('has colours where they are wanted, and is never wider than the terminal', () => {
    const pieces = [
      ['own', 'strong'],
      [' and more', 'bad'],
    ] as const;
    assert.equal(renderLine(pieces, 8, false), 'own and');
    assert.equal(renderLine(pieces, 8, true), '\u001b[1mown\u001b[22m\u001b[31m and \u001b[39m');
    assert.equal(renderLine(pieces, 3, true), '\u001b[1mown\u001b[22m');
  });
});
