// The sentence about one test, and the end of a run.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainTest } from '../../src/test-runs/explain.js';
import { renderSummary } from '../../src/test-runs/summary.js';
import type { TestRecord, TestStall } from '../../src/test-runs/test-record.js';

const place = (name: string, file: string, line: number) => ({ function: name, file, line, column: 1 });
const HASH: TestStall = {
  durationMs: 11_800,
  cause: 'sync_io',
  confidence: 'exact',
  culprit: place('hash', 'src/hash.ts', 12),
  leaf: place('pbkdf2Sync', 'node:internal/crypto/pbkdf2', 60),
};
const STARVED: TestStall = { durationMs: 900, cause: 'descheduled', confidence: 'unknown' };

const record = (given: Partial<TestRecord>): TestRecord => ({
  name: 'orders › ships',
  file: 'test/orders.test.ts',
  durationMs: 1000,
  blockedMs: 0,
  spunMs: 0,
  waitedMs: 0,
  stalls: [],
  waitedFor: [],
  others: 0,
  ...given,
});

const CASES = [
  [
    'a call that blocks',
    { durationMs: 11_900, blockedMs: 11_800, waitedMs: 100, stalls: [HASH] },
    'blocked 12 s by hash (src/hash.ts:12), in pbkdf2Sync',
  ],
  [
    'a stall that nobody is to blame for',
    { blockedMs: 900, stalls: [STARVED] },
    'blocked 900 ms (the process did not get the CPU)',
  ],
  ['a stall that was not seen', { blockedMs: 900 }, 'blocked 900 ms'],
  [
    'more stalls than are shown',
    { blockedMs: 1000, stalls: [STARVED, STARVED, STARVED] },
    'blocked 1 s (the process did not get the CPU), (the process did not get the CPU) and 1 more',
  ],
  [
    'waiting',
    { waitedMs: 980, spunMs: 20, waitedFor: ['Timeout', 'TCPSocketWrap'] },
    'waited 980 ms for Timeout, TCPSocketWrap',
  ],
  ['parts, the largest first', { spunMs: 300, waitedMs: 700 }, 'waited 700 ms; busy 300 ms in short callbacks'],
  [
    'a machine with too much to do',
    { spunMs: 1000, withoutProcessorMs: 800 },
    'busy 1 s in short callbacks; 800 ms of it without a processor',
  ],
  ['tests at once', { waitedMs: 1000, others: 2 }, 'waited 1 s; 2 other tests ran meanwhile'],
] as const;

describe('why a test took its time', () => {
  for (const [title, given, sentence] of CASES) {
    it(title, () => assert.equal(explainTest(record(given)), sentence));
  }
});

describe('the end of a run', () => {
  it('says nothing without tests', () => assert.equal(renderSummary([], 100), ''));

  it('says that nothing was slow', () => {
    assert.equal(renderSummary([record({ durationMs: 99 })], 100), 'loopsight: none of 1 test took 100 ms or longer\n');
  });

  it('lists the slowest first, and no more than ten', () => {
    const records = Array.from({ length: 12 }, (_, index) =>
      record({ name: `test ${index}`, durationMs: 100 + index, waitedMs: 100 + index }),
    );
    const lines = renderSummary(records, 100).split('\n');
    assert.equal(lines[1], '  111 ms  test 11 (test/orders.test.ts)');
    assert.equal(lines.length, 1 + 20 + 1 + 1);
    assert.equal(lines.at(-2), '          and 2 more of 100 ms or longer');
  });
});
