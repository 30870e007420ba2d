import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dumpStacksAfter, startDumpRequests } from '../../src/dump/dump-after.js';

describe('dumpStacksAfter', () => {
  test('counts before the start and after it, the shortest first, until it is undone', () => {
    const undoEarly = dumpStacksAfter(5000);
    const settings = new Float64Array(1);
    const running = startDumpRequests(settings, 3000);
    assert.equal(settings[0], 3000);
    const undo = dumpStacksAfter(2000);
    assert.equal(settings[0], 2000);
    undo();
    undo();
    assert.equal(settings[0], 3000);
    running.stop();
    assert.equal(settings[0], 0);
    const again = startDumpRequests(settings, 0);
    assert.equal(settings[0], 5000);
    undoEarly();
    assert.equal(settings[0], 0);
    again.stop();
    dumpStacksAfter(1000)();
    assert.equal(settings[0], 0);
  });

  for (const ms of [0, -1, Number.NaN, 86_400_001, '5', undefined]) {
    test(`refuses ${String(ms)}`, () => {
      assert.throws(
        () => dumpStacksAfter(ms as number),
        /^TypeError: Expected `ms` to be a number from 1 to 86400000, got /,
      );
    });
  }
});
