// What is written as YAML is read as what it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { renderDuration } from '../../../grafana/rules/durations.js';
import { renderYaml, type YamlMapping } from '../../../grafana/rules/yaml.js';

const VALUES: readonly YamlMapping[] = [
  {},
  { text: 'plain', number: 1.5, yes: true, no: false, empty: '' },
  {
    words: ['yes', 'no', 'null', '~', 'true', 'on', 'y', '5m', '1e3', '0x10', '1_000', '12:30', '-', '- a', '.5', '='],
  },
  { texts: ['a: b', 'a #b', '# c', '"quoted"', "it's", '{a}', '[a]', '*a', '&a', '!a', '%a', '@a', '`a', 'a:', ':a'] },
  { block: 'first\nsecond\n\nlast', quoted: 'say "no"\n  indented', ends: 'a\n', begins: ' a\nb', tab: 'a\t"b"' },
  { unicode: 'ö → 日 😀 \u2028 \u0085 \u0000 "x"', 'a key: with colon': 1, '5': 'five', no: 'key' },
  { deep: { list: [{ a: 1, b: { c: [1, [2, [3]], {}] } }, [], {}, [{ x: 'a "b"\nc' }]], nothing: {}, none: [] } },
];

test('values come back as they were, for both versions of YAML', () => {
  for (const value of VALUES) {
    const text = renderYaml(value, ['A comment', '', 'in three lines.']);
    for (const version of ['1.1', '1.2'] as const) assert.deepEqual(parse(text, { version }), value, text);
  }
});

test('what is undefined is left out', () => {
  assert.equal(renderYaml({ a: undefined, b: 1 }), 'b: 1\n');
});

test('durations are in the largest unit that fits', () => {
  const expected: readonly (readonly [number, string])[] = [
    [86_400, '1d'],
    [5400, '90m'],
    [90, '90s'],
    [7200, '2h'],
    [0.25, '250ms'],
    [300 / 7, '42857ms'],
    [0.00001, '1ms'],
  ];
  for (const [seconds, text] of expected) assert.equal(renderDuration(seconds), text);
});
