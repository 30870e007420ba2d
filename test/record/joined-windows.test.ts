// Windows of one thread become one profile, as if there had been one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V8Profile } from '../../src/profile/v8-profile.js';
import { joinWindows } from '../../src/record/joined-windows.js';

const frame = (functionName: string, scriptId = '1') => ({
  functionName,
  scriptId,
  url: `file:///${functionName}.js`,
  lineNumber: 0,
  columnNumber: 0,
});

const FIRST: V8Profile = {
  nodes: [
    { id: 1, callFrame: frame('(root)', '0'), hitCount: 0, children: [2] },
    { id: 2, callFrame: frame('a'), hitCount: 1, children: [3] },
    { id: 3, callFrame: frame('b'), hitCount: 2, positionTicks: [{ line: 4, ticks: 2 }] },
  ],
  startTime: 1000,
  endTime: 1400,
  samples: [2, 3, 3],
  timeDeltas: [100, 100, 200],
};
// Begun before the first one ended: it has that one's last sample as well.
const SECOND: V8Profile = {
  nodes: [
    { id: 1, callFrame: frame('(root)', '0'), hitCount: 0, children: [4, 2] },
    { id: 2, callFrame: frame('b'), hitCount: 1 },
    { id: 4, callFrame: frame('a'), hitCount: 0, children: [7] },
    {
      id: 7,
      callFrame: frame('b'),
      hitCount: 2,
      positionTicks: [
        { line: 4, ticks: 1 },
        { line: 5, ticks: 1 },
      ],
    },
  ],
  startTime: 1350,
  endTime: 1700,
  samples: [7, 7, 2],
  timeDeltas: [50, 100, 150],
};

test('trees are joined and samples follow each other', () => {
  const windows = joinWindows();
  assert.equal(windows.profile(0), undefined);
  windows.add(FIRST);
  windows.add(SECOND);
  assert.equal(windows.startUs, 1000);
  const { nodes, samples = [], timeDeltas = [], startTime, endTime } = windows.profile(900) ?? assert.fail();
  assert.deepEqual([startTime, endTime], [900, 1700]);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  assert.deepEqual(
    samples.map((id) => byId.get(id)?.callFrame.functionName),
    ['a', 'b', 'b', 'b', 'b'],
  );
  // 1100, 1200, 1400, 1500, 1650.
  assert.deepEqual(timeDeltas, [200, 100, 200, 100, 150]);
  // `b` as called by `a`, and as called by nobody.
  assert.equal(nodes.length, 4);
  const [called] = nodes.filter(({ positionTicks }) => positionTicks?.length === 2);
  assert.deepEqual(called?.positionTicks, [
    { line: 4, ticks: 3 },
    { line: 5, ticks: 1 },
  ]);
  assert.equal(called?.hitCount, 3);
  assert.equal(
    nodes.reduce((sum, { hitCount = 0 }) => sum + hitCount, 0),
    samples.length,
  );
});

test('samples that V8 handed over late are kept', () => {
  const windows = joinWindows();
  windows.add({ ...FIRST, samples: [3, 3, 2], timeDeltas: [100, 200, -100] });
  windows.add(SECOND);
  const { timeDeltas = [] } = windows.profile(1000) ?? assert.fail();
  // 1100, 1300, 1200; 1400, 1500, 1650.
  assert.deepEqual(timeDeltas, [100, 200, -100, 200, 100, 150]);
});
