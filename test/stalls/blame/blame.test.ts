// The code that most of a stall was spent in, by table.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blameOf, sightingsOf } from '../../../src/stalls/blame/blame.js';
import type { TimedCapture } from '../../../src/stalls/blame/evidence.js';
import type { Frame } from '../../../src/stalls/blame/frames.js';
import { APP, evidence, taken } from '../made-evidence.js';

const options = { root: APP, mapped: (frame: Frame) => frame };

interface Case {
  readonly captures: readonly TimedCapture[];
  /** Culprit, leaf and confidence. */
  readonly expected: readonly [culprit: string, leaf: string, confidence: string] | undefined;
}

const late = { waitedMs: 90 };

const CASES: Readonly<Record<string, Case>> = {
  'one function': { captures: [taken(1100, ['a src/a.js:3'])], expected: ['a src/a.js:3', '', 'exact'] },
  'the function with the longer share, not the one seen more often': {
    captures: [taken(1300, ['a src/a.js']), taken(1310, ['b src/b.js']), taken(1320, ['b src/b.js'])],
    expected: ['a src/a.js:1', '', 'exact'],
  },
  'the sum of the shares of one function': {
    captures: [
      taken(1100, ['a src/a.js:3']),
      taken(1250, ['b src/b.js']),
      taken(1350, ['a src/a.js:9']),
      taken(1390, ['b src/b.js']),
    ],
    expected: ['a src/a.js:3', '', 'exact'],
  },
  'functions of one name in two files': {
    captures: [taken(1150, ['run src/a.js']), taken(1250, ['run src/b.js']), taken(1390, ['run src/b.js'])],
    expected: ['run src/b.js:1', '', 'exact'],
  },
  'what a function of the application runs of Node': {
    captures: [taken(1100, ['deflate node:zlib', 'pack src/a.js'])],
    expected: ['pack src/a.js:1', 'deflate node:zlib:1', 'exact'],
  },
  'what it runs of a package': {
    captures: [taken(1100, ['inner node_modules/l/i.js', 'map node_modules/l/m.js', 'a src/a.js'])],
    expected: ['a src/a.js:1', 'inner node_modules/l/i.js:1', 'exact'],
  },
  'a stack after a native call that could not be interrupted': {
    captures: [taken(1390, ['b src/b.js'], late)],
    expected: ['b src/b.js:1', '', 'late'],
  },
  'the stack that was seen while it ran, before one after a native call': {
    captures: [taken(1200, ['a src/a.js:3'], late), taken(1250, ['a src/a.js:4'])],
    expected: ['a src/a.js:4', '', 'exact'],
  },
  'a wrapped native call, which names itself': {
    captures: [taken(1390, ['JSON.parse native:0', 'load src/a.js:5'], late)],
    expected: ['load src/a.js:5', 'JSON.parse native', 'exact'],
  },
  "Node's own code where there is nothing else": {
    captures: [taken(1100, ['emit node:events'])],
    expected: ['emit node:events:1', '', 'exact'],
  },
  'no code of Node where there is other code, however short': {
    captures: [taken(1390, ['emit node:events']), taken(1395, ['a src/a.js'])],
    expected: ['a src/a.js:1', '', 'exact'],
  },
  'nobody without a frame': { captures: [taken(1100, [])], expected: undefined },
  'nobody without a capture': { captures: [], expected: undefined },
};

describe('the blame', () => {
  for (const [what, { captures, expected }] of Object.entries(CASES)) {
    test(`is that of ${what}`, () => {
      const stall = evidence({ captures });
      const blame = blameOf(stall, sightingsOf(stall, options), options);
      if (expected === undefined) return assert.equal(blame, undefined);
      assert.ok(blame !== undefined);
      const text = (place = blame.leaf) =>
        place === undefined ? '' : `${place.function} ${place.file}${place.line > 0 ? `:${place.line}` : ''}`;
      assert.deepEqual([text(blame.culprit), text(), blame.confidence], expected);
    });
  }

  test('is the same for parts of 70 and 30 of a hundred, whatever the order', () => {
    for (const [first, second] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const changesMs = first === 'a' ? 1280 : 1120;
      const captures = Array.from({ length: 10 }, (_, index) => {
        const atMs = 1040 + index * 40;
        return taken(atMs, [`${atMs <= changesMs ? first : second} src/a.js`]);
      });
      const stall = evidence({ captures });
      assert.equal(blameOf(stall, sightingsOf(stall, options), options)?.culprit.function, 'a');
    }
  });

  test('is that of the source: in a bundle, code of a package lies in a file of the application', () => {
    const captures = [taken(1100, ['m dist/main.js:1', 'p dist/main.js:2'])];
    const stall = evidence({ captures });
    const sources = { m: ['map', 'node_modules/lodash/map.js'], p: ['parse', 'src/a.ts'] } as const;
    const mapped = (frame: Frame): Frame => {
      const [name, file] = sources[frame.function as keyof typeof sources];
      const origin = file.startsWith('node_modules') ? 'package' : 'application';
      return { ...frame, function: name, path: `${APP}/${file}`, origin };
    };
    const bundled = { root: APP, mapped };
    const blame = blameOf(stall, sightingsOf(stall, bundled), bundled);
    assert.deepEqual([blame?.culprit.function, blame?.culprit.file], ['parse', 'src/a.ts']);
    assert.deepEqual([blame?.leaf?.function, blame?.leaf?.file], ['map', 'node_modules/lodash/map.js']);
  });

  test('carries the whole stack and the capture that shows it', () => {
    const shown = taken(1100, ['sort native:0', 'a src/a.js:3', 'emit node:events:9'], { route: 'GET /a' });
    const stall = evidence({ captures: [shown] });
    const blame = blameOf(stall, sightingsOf(stall, options), options);
    assert.equal(blame?.shown, shown);
    assert.deepEqual(
      blame?.stack.map((place) => place.file),
      ['native', 'src/a.js', 'node:events'],
    );
  });
});
