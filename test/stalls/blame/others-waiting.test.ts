// Whether the culprit of a stall is one of the requests that waited for it, and then not counted among them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { othersWaiting } from '../../../src/stalls/blame/others-waiting.js';
import { STALL, STALL_LENGTH } from '../../../src/stalls/loop/loop-record.js';
import { evidence, taken } from '../made-evidence.js';

for (const { name, captures, heldByNew, expected } of [
  {
    name: 'the request that went on and held the loop is left out',
    captures: [taken(1200, [])],
    heldByNew: 0,
    expected: { requests: 2, waitedMs: 600 },
  },
  {
    name: 'one that began and held the loop is not among them',
    captures: [taken(1200, [])],
    heldByNew: 1,
    expected: { requests: 3, waitedMs: 1000 },
  },
  {
    name: 'all of them waited where no code was seen',
    captures: [],
    heldByNew: 0,
    expected: { requests: 3, waitedMs: 1000 },
  },
]) {
  test(name, () => {
    const entry = new Float64Array(STALL_LENGTH);
    entry[STALL.waiting] = 3;
    entry[STALL.waited] = 1000;
    entry[STALL.heldByNew] = heldByNew;
    assert.deepEqual(othersWaiting(evidence({ captures }), entry), expected);
  });
}
