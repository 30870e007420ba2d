import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeValue, type RemoteObject } from '../../src/dump/attached/describe-value.js';

const property = (name: string, type: string, value: string) => ({ name, type, value });

const CASES: readonly [value: RemoteObject, text: string][] = [
  [{ type: 'undefined' }, 'undefined'],
  [{ type: 'object', subtype: 'null', value: null }, 'null'],
  [{ type: 'boolean', value: false }, 'false'],
  [{ type: 'number', value: 0, description: '0' }, '0'],
  [{ type: 'number', unserializableValue: '-0', description: '-0' }, '-0'],
  [{ type: 'bigint', unserializableValue: '7n', description: '7n' }, '7n'],
  [{ type: 'symbol', description: 'Symbol(a)' }, 'Symbol(a)'],
  [{ type: 'string', value: 'a "b"\n' }, '"a \\"b\\"\\n"'],
  [{ type: 'string', value: 'x'.repeat(1000) }, `"${'x'.repeat(118)}…`],
  [{ type: 'function', description: 'function total(a) { return a; }' }, 'function total'],
  [{ type: 'function', description: '(a) => a' }, 'function'],
  [{ type: 'object', subtype: 'error', description: 'Error: no\n    at a (b.js:1:1)' }, 'Error: no'],
  [{ type: 'object', description: 'Map(2)' }, 'Map(2)'],
  [
    {
      type: 'object',
      subtype: 'array',
      description: 'Array(2)',
      preview: { overflow: false, properties: [property('0', 'number', '1'), property('1', 'string', 'b')] },
    },
    'Array(2) [1, "b"]',
  ],
  [
    {
      type: 'object',
      description: 'Order',
      preview: { overflow: true, properties: [property('id', 'number', '7'), { name: 'run', type: 'function' }] },
    },
    'Order {id: 7, run: function, …}',
  ],
];

for (const [value, text] of CASES) {
  test(text.slice(0, 40), () => assert.equal(describeValue(value), text));
}
