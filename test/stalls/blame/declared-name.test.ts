// Where the text of generated code gives a function its name, by table: `^` marks the begin of the function.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { declaredNameAt } from '../../../src/stalls/blame/declared-name.js';

describe('a function is named', () => {
  const CASES: Readonly<Record<string, string | undefined>> = {
    '^function n(e){}': 'n',
    '^async function n(e){}': 'n',
    '^function*n(e){}': 'n',
    '^async function * $n(e){}': '$n',
    'var r=1,n=^e=>e': 'n',
    'const n = ^async (e) => e': 'n',
    'o={n:^function(e){}}': 'n',
    'n=^function t(e){}': 't',
    'a.n=^function(e){}': 'n',
    'function n^(e){}': 'n',
    'async function* n ^(e){}': 'n',
    'n=function t^(e){}': 't',
    'o={n:async function^(e){}}': 'n',
    'each(function^(e){})': undefined,
    'class a{functions^(){}}': undefined,
    'class a{n=^()=>1}': 'n',
    'class a{^render(){}}': undefined,
    'each(^e=>e)': undefined,
    'f(n==^e)': undefined,
  };
  for (const [code, expected] of Object.entries(CASES)) {
    test(`${expected ?? 'nowhere'} in ${code}`, () => {
      const text = `first\n${code.replace('^', '')}\nlast`;
      const place = declaredNameAt(text, 2, code.indexOf('^') + 1);
      const line = text.split('\n')[(place?.line ?? 1) - 1] ?? '';
      const found = place === undefined ? undefined : /^[\w$]+/.exec(line.slice(place.column - 1))?.[0];
      assert.equal(found, expected);
    });
  }

  test('nowhere behind the end of the text', () => {
    assert.equal(declaredNameAt('a\nb', 9, 1), undefined);
    assert.equal(declaredNameAt('', 1, 99), undefined);
  });
});
