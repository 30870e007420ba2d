// Decoding of source maps, by table: places are counted from 1, as stacks have them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeSourceMap, type SourceMapJson } from '../../../src/stalls/blame/source-map.js';

// Line 1: columns 1, 5 (of no source) and 9 (named). Line 2: nothing. Line 3: column 5, far into the other source.
const plain: SourceMapJson = {
  sources: ['a.ts', 'b.ts'],
  names: ['parse'],
  mappings: 'AAAA,I,IACEA;;ICw+BD',
};

describe('a place', () => {
  const CASES: Readonly<Record<string, readonly [line: number, column: number, expected: string | undefined]>> = {
    'at the begin of an entry': [1, 1, 'a.ts:1:1'],
    'within an entry': [1, 4, 'a.ts:1:1'],
    'of no source': [1, 6, undefined],
    'with a name': [1, 9, 'a.ts:2:3 parse'],
    'behind a name has none': [1, 12, 'a.ts:2:3'],
    'in a line without entries': [2, 1, undefined],
    'before the first entry of its line': [3, 2, undefined],
    'of numbers with several digits': [3, 5, 'b.ts:1002:2'],
    'behind the end': [9, 9, undefined],
  };
  for (const [what, [line, column, expected]] of Object.entries(CASES)) {
    test(what, () => {
      const found = decodeSourceMap(plain).find(line, column);
      const name = found?.name === undefined ? '' : ` ${found.name}`;
      assert.equal(found && `${found.source}:${found.line}:${found.column}${name}`, expected);
    });
  }
});

test('sections are offset by line, and by column in their first line', () => {
  const other = { sources: ['c.ts'], mappings: 'AAAA;AACA' };
  const map = decodeSourceMap({
    sections: [
      { offset: { line: 0, column: 0 }, map: plain },
      { offset: { line: 4, column: 10 }, map: other },
      { offset: { line: 6, column: 0 }, map: { sections: [{ offset: { line: 1, column: 2 }, map: other }] } },
      { offset: { line: 20, column: 5 }, map: { sections: [{ offset: { line: 0, column: 2 }, map: other }] } },
    ],
  });
  const at = (line: number, column: number) => {
    const found = map.find(line, column);
    return found && `${found.source}:${found.line}`;
  };
  assert.deepEqual([at(1, 1), at(5, 10), at(5, 11), at(6, 1)], ['a.ts:1', undefined, 'c.ts:1', 'c.ts:2']);
  assert.deepEqual([at(8, 2), at(8, 3), at(9, 1)], [undefined, 'c.ts:1', 'c.ts:2']);
  assert.deepEqual([at(21, 7), at(21, 8), at(22, 1)], [undefined, 'c.ts:1', 'c.ts:2']);
});

test('a source root stands before each source, with one slash', () => {
  for (const sourceRoot of ['/srv', '/srv/']) {
    assert.equal(decodeSourceMap({ ...plain, sourceRoot }).find(1, 1)?.source, '/srv/a.ts');
  }
});

describe('what is no source map is refused', () => {
  const WRONG: Readonly<Record<string, SourceMapJson>> = {
    nothing: {},
    'without sources': { mappings: 'AAAA' },
    'without mappings': { sources: [] },
    'with other characters': { sources: ['a.ts'], mappings: 'AA*A' },
    'with characters of other scripts': { sources: ['a.ts'], mappings: 'AAéA' },
    'with too many fields': { sources: ['a.ts'], mappings: 'AAAAAA' },
    'with numbers without an end': { sources: ['a.ts'], mappings: 'gggggggggA' },
  };
  for (const [what, json] of Object.entries(WRONG)) {
    test(what, () => assert.throws(() => decodeSourceMap(json), TypeError));
  }
});
