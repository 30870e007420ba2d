// Collections of garbage in a worker: counted while its loop turns, and not kept where nobody could take them.
import assert from 'node:assert/strict';
import { PerformanceObserver } from 'node:perf_hooks';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createOwnFigures } from '../../instrumentations/worker-threads/own-figures.js';
import { COUNTED, GC_TYPES, HISTOGRAM_LENGTH } from '../../src/worker-board/counted.js';
import { BEAT, createBoard, slotFloats } from '../../src/worker-board/memory.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('collections are counted while the loop turns, not after it was left, and again when it turns again', async (t) => {
  const board = createBoard({
    lagProbeIntervalMs: 50,
    stallThresholdMs: 100,
    capture: false,
    wrapCalls: false,
    collections: true,
  });
  const figures = createOwnFigures(board, 3);
  t.after(() => figures.stop());
  const at = slotFloats(3) + BEAT.counted + COUNTED.collections(GC_TYPES.indexOf('major'));
  const counted = () =>
    board.floats.subarray(at, at + HISTOGRAM_LENGTH - 1).reduce((sum, inBucket) => sum + inBucket, 0);
  // Entries reach all observers in the order in which those began: when this one has it, the others have.
  async function collect(): Promise<number> {
    const before = counted();
    let seen = 0;
    const witness = new PerformanceObserver((list) => {
      seen += list.getEntries().length;
    });
    witness.observe({ entryTypes: ['gc'] });
    collectGarbage();
    while (seen === 0) await sleep(1);
    witness.disconnect();
    return counted() - before;
  }

  figures.turn(10_000);
  assert.equal(await collect(), 1);
  figures.left(10_500);
  assert.equal(await collect(), 0);
  figures.turn(10_600);
  assert.equal(await collect(), 0, 'beginning anew is not for each of many turns');
  figures.turn(11_000);
  assert.equal(await collect(), 1);
});
