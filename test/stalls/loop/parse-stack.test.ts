// Frames of stacks that are text, as V8 writes them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseStack } from '../../../src/stalls/loop/parse-stack.js';
import type { RawFrame } from '../../../src/stalls/loop/raw-frame.js';

const LINES: Readonly<Record<string, RawFrame | undefined>> = {
  'at parse (/srv/shop/a.js:3:5)': ['parse', '/srv/shop/a.js', 3, 5, false],
  'at Shop.sell (file:///srv/shop/a.mjs:30:51)': ['Shop.sell', 'file:///srv/shop/a.mjs', 30, 51, false],
  'at new Shop (C:\\shop\\a.js:3:5)': ['new Shop', 'C:\\shop\\a.js', 3, 5, false],
  'at Shop.get total [as sum] (/srv/a.js:3:5)': ['Shop.get total', '/srv/a.js', 3, 5, false],
  'at Object.<anonymous> (/srv/a.js:3:5)': ['<anonymous>', '/srv/a.js', 3, 5, false],
  'at Module._compile (node:internal/modules/cjs/loader:1554:14)': [
    '_compile',
    'node:internal/modules/cjs/loader',
    1554,
    14,
    false,
  ],
  'at /srv/shop/a.js:3:5': ['', '/srv/shop/a.js', 3, 5, false],
  'at /srv/my (old) shop/a.js:3:5': ['', '/srv/my (old) shop/a.js', 3, 5, false],
  'at parse (/srv/my (old) shop/a.js:3:5)': ['parse', '/srv/my (old) shop/a.js', 3, 5, false],
  'at async sell (/srv/shop/a.js:3:5)': ['sell', '/srv/shop/a.js', 3, 5, true],
  'at async /srv/shop/a.js:3:5': ['', '/srv/shop/a.js', 3, 5, true],
  'at eval (eval at run (/srv/a.js:1:2), <anonymous>:3:5)': [
    'eval',
    'eval at run (/srv/a.js:1:2), <anonymous>',
    3,
    5,
    false,
  ],
  'at evalmachine.<anonymous>:3:5': ['', 'evalmachine.<anonymous>', 3, 5, false],
  'at Array.sort (<anonymous>)': undefined,
  'at JSON.parse (native)': undefined,
  'at async Promise.all (index 0)': undefined,
  'Error: at least one': undefined,
};

describe('a line of a stack is read:', () => {
  for (const [line, frame] of Object.entries(LINES)) {
    test(line, () => assert.deepEqual(parseStack(`Error\n    ${line}`), frame === undefined ? [] : [frame]));
  }
});

for (const evaluated of ['<anonymous>:1:38', 'eval (<anonymous>:1:38)']) {
  test(`the capture's own frames, which end with ${evaluated}, are left out`, () => {
    const own = `at describe (/loopsight/capture.js:9:9)\n    at ${evaluated}`;
    const frames = parseStack(`[object Object]\n    ${own}\n    at parse (/srv/a.js:3:5)\n    at b.js:1:1`);
    assert.deepEqual(
      frames.map(([name, file]) => [name, file]),
      [
        ['parse', '/srv/a.js'],
        ['', 'b.js'],
      ],
    );
  });
}

test('what the application matched last stays what it was', () => {
  /(\w+)-(\w+)/.exec('left-right');
  parseStack(`Error\n    at <anonymous>:1:1\n${Object.keys(LINES).join('\n')}`);
  assert.equal(RegExp.$1, 'left');
});
