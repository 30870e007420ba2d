// The observer's watch over one loop, with a record that the test writes, a clock that it moves and captures that it answers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { StallEvidence } from '../../../src/stalls/blame/evidence.js';
import type { RawCapture } from '../../../src/stalls/loop/capture.js';
import { LOOP, LOOP_LENGTH, STALL, stallAt } from '../../../src/stalls/loop/loop-record.js';
import { createThreadWatch, type ThreadWatchOptions } from '../../../src/stalls/watch/thread-watch.js';
import { scheduled, taken } from '../made-evidence.js';

const THRESHOLD_MS = 100;
const DUE_MS = 75;

interface Ask {
  readonly atMs: number;
  readonly answer: (stack?: readonly string[]) => void;
  isGivenUp: boolean;
}

/** A loop that turned twice, the last time at 1000 ms, and its watch. */
function watchLoop(options: Partial<ThreadWatchOptions> = {}) {
  const record = new Float64Array(LOOP_LENGTH);
  const asks: Ask[] = [];
  const told: { readonly evidence: StallEvidence; readonly entry: Float64Array }[] = [];
  let nowMs = 1000;
  const watch = createThreadWatch({
    record,
    thresholdMs: THRESHOLD_MS,
    capture(onAnswer: (capture: RawCapture | undefined) => void) {
      const ask: Ask = {
        atMs: nowMs,
        answer: (stack) => onAnswer(stack === undefined ? undefined : taken(nowMs, stack).capture),
        isGivenUp: false,
      };
      asks.push(ask);
      return () => {
        ask.isGivenUp = true;
      };
    },
    watchScheduler: () => ({ sample: () => undefined }),
    gapMs: () => 0,
    now: () => nowMs,
    hasDebugger: () => false,
    onStall: (evidence, entry) => told.push({ evidence, entry: entry.slice() }),
    ...options,
  });
  const loop = {
    record,
    asks,
    told,
    watch,
    turn(atMs = nowMs): void {
      nowMs = atMs;
      record[LOOP.lastTurn] = atMs;
      record[LOOP.nextDue] = atMs + DUE_MS;
      record[LOOP.turns] = (record[LOOP.turns] ?? 0) + 1;
    },
    /** The loop's own word of a stall. */
    write(fromMs: number, toMs: number, gcMs = 0): void {
      const number = record[LOOP.stalls] ?? 0;
      const at = stallAt(number);
      record[at + STALL.from] = fromMs;
      record[at + STALL.to] = toMs;
      record[at + STALL.gc] = gcMs;
      record[LOOP.stalls] = number + 1;
    },
    look(atMs: number): number {
      nowMs = atMs;
      return watch.look(atMs);
    },
    /** Looks as often as the watch asks for it; every capture is answered at once with `stack`, if there is one. */
    lookUntil(toMs: number, stack?: readonly string[]): void {
      while (nowMs < toMs) {
        const asked = asks.length;
        const waitMs = watch.look(nowMs);
        if (stack !== undefined && asks.length > asked) asks.at(-1)?.answer(stack);
        nowMs = Math.min(toMs, nowMs + Math.max(1, waitMs));
      }
    },
  };
  loop.turn(925);
  loop.turn(1000);
  return loop;
}

describe('a loop that turns', () => {
  test('is looked at when it may be overdue, and not captured', () => {
    const loop = watchLoop();
    assert.equal(loop.look(1000), THRESHOLD_MS);
    loop.turn(1075);
    assert.equal(loop.look(1100), 75);
    assert.deepEqual([loop.asks, loop.told], [[], []]);
    assert.equal(loop.watch.current(1100), undefined);
  });

  test('is not suspected before it missed its turn, however long that is', () => {
    const loop = watchLoop();
    loop.record[LOOP.nextDue] = 1500;
    assert.equal(loop.look(1499), 26);
    assert.deepEqual(loop.asks, []);
    loop.look(1525);
    assert.equal(loop.asks.length, 1);
  });

  test('is not watched before its second turn', () => {
    const loop = watchLoop();
    loop.record[LOOP.turns] = 1;
    assert.equal(loop.look(5000), THRESHOLD_MS);
    assert.deepEqual(loop.asks, []);
  });
});

describe('a loop that sleeps', () => {
  const sleeping = () => {
    const reads: string[] = [];
    const sample = scheduled(20, { cpu: 1 });
    const watchScheduler = () => ({
      sample() {
        reads.push('sample');
        return sample;
      },
      skip: () => reads.push('skip'),
    });
    const loop = watchLoop({ watchScheduler });
    loop.record[LOOP.systemThread] = 4711;
    loop.record[LOOP.sleeping] = 1;
    return { ...loop, reads };
  };

  test('is looked at when it has just turned, and not asked what the scheduler did with it', () => {
    const loop = sleeping();
    assert.equal(loop.look(1001), 82);
    loop.turn(1076);
    assert.equal(loop.look(1083), 76);
    assert.deepEqual([loop.reads, loop.asks], [[], []]);
  });

  test('is followed from when its turn is late, and captured when it is missed', () => {
    const loop = sleeping();
    loop.look(1001);
    assert.equal(loop.look(1083), 17);
    assert.deepEqual(loop.reads, ['skip']);
    loop.look(1100);
    assert.deepEqual(loop.reads, ['skip', 'sample']);
    assert.equal(loop.asks.length, 1);
    assert.equal(loop.watch.current(1100)?.scheduler.length, 1);
  });

  test('that was not followed before it was suspected has no sample which began when it still slept', () => {
    const loop = sleeping();
    loop.look(1001);
    loop.look(1150);
    assert.deepEqual(loop.reads, ['skip']);
    assert.deepEqual(loop.watch.current(1150)?.scheduler, []);
    loop.look(1170);
    assert.equal(loop.watch.current(1170)?.scheduler.length, 1);
  });

  test('and turned late is not followed any more', () => {
    const loop = sleeping();
    loop.look(1083);
    loop.turn(1085);
    assert.equal(loop.look(1100), 68);
    loop.look(1200);
    assert.deepEqual(loop.reads, ['skip', 'skip']);
  });
});

describe('a loop that does not turn', () => {
  test('is captured at the threshold, then ever more slowly, ten times at the most', () => {
    const loop = watchLoop();
    loop.lookUntil(20_000, ['a src/a.js']);
    const times = loop.asks.map(({ atMs }) => atMs - 1000);
    assert.equal(times[0], THRESHOLD_MS);
    assert.equal(times.length, 10);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    assert.ok(
      gaps.every((gap, index) => gap >= 50 && gap >= (gaps[index - 1] ?? 0) - 20),
      `${gaps}`,
    );
    assert.ok((gaps.at(-1) ?? 0) > 300, `${gaps}`);
  });

  test('is not asked again before it answered', () => {
    const loop = watchLoop();
    loop.lookUntil(3000);
    assert.equal(loop.asks.length, 1);
    loop.asks[0]?.answer(['a src/a.js']);
    loop.look(3000);
    assert.equal(loop.asks.length, 2);
  });

  test('is told of when it says how long it was held, with what was seen meanwhile', () => {
    const loop = watchLoop();
    loop.lookUntil(1400, ['a src/a.js']);
    assert.equal(loop.told.length, 0, 'nothing is told while it lasts');
    assert.equal(loop.watch.current(1390)?.toMs, 1390);
    loop.turn(1400);
    loop.look(1401);
    assert.equal(loop.told.length, 0, 'nor before the word of the loop');
    loop.write(1010, 1400, 12);
    loop.look(1405);
    assert.equal(loop.told.length, 1);
    const { fromMs, toMs, gcMs, captures, thresholdMs } = loop.told[0]?.evidence ?? assert.fail();
    assert.deepEqual([fromMs, toMs, gcMs, thresholdMs], [1010, 1400, 12, THRESHOLD_MS]);
    assert.ok(captures.length >= 3, `${captures.length} captures`);
    assert.equal(loop.told[0]?.entry[STALL.to], 1400);
    assert.equal(loop.watch.current(1405), undefined);
  });

  test('is told of without captures taken outside of it', () => {
    const loop = watchLoop();
    loop.look(1100);
    loop.turn(1300);
    loop.asks[0]?.answer(['late src/a.js']);
    loop.write(1010, 1250);
    loop.look(1310);
    assert.deepEqual(loop.told[0]?.evidence.captures, []);
  });

  test('is told of with the answer that came when it turned again', () => {
    const loop = watchLoop();
    loop.look(1100);
    loop.turn(1300);
    loop.asks[0]?.answer(['a src/a.js']);
    loop.look(1301);
    loop.write(1010, 1300);
    loop.look(1310);
    assert.equal(loop.told[0]?.evidence.captures.length, 1);
  });

  test('that turned without a word was not held: what was seen is of no other stall', () => {
    const loop = watchLoop();
    loop.lookUntil(1200, ['a src/a.js']);
    for (let turn = 0; turn < 10; turn++) {
      loop.turn(1200 + turn);
      loop.look(1200 + turn);
    }
    loop.write(1010, 1200);
    loop.look(1300);
    assert.deepEqual(loop.told[0]?.evidence.captures, []);
  });

  test('is told of without captures where none can be taken', () => {
    const loop = watchLoop({ capture: undefined });
    loop.lookUntil(1400);
    loop.turn(1400);
    loop.write(1000, 1400);
    loop.look(1410);
    assert.deepEqual(loop.told[0]?.evidence.captures, []);
  });

  test('is asked again at once where it answers without a stack', async () => {
    const loop = watchLoop();
    loop.look(1100);
    loop.asks[0]?.answer([]);
    await turnOfTheLoop();
    assert.equal(loop.asks.length, 2);
    loop.asks[1]?.answer(['tick src/a.js']);
    loop.turn(1300);
    loop.write(1000, 1300);
    loop.look(1310);
    assert.equal(loop.told[0]?.evidence.captures.length, 1);
  });

  test('is asked again later where it does not answer', () => {
    const loop = watchLoop();
    loop.look(1100);
    loop.asks[0]?.answer();
    loop.look(1120);
    assert.equal(loop.asks.length, 1);
    loop.look(1150);
    assert.equal(loop.asks.length, 2);
  });
});

test('stalls between two looks are all told of, the last eight of them', () => {
  for (const [stalls, expected] of [
    [8, 8],
    [10, 8],
  ] as const) {
    const loop = watchLoop();
    for (let index = 0; index < stalls; index++) loop.write(2000 + index * 200, 2150 + index * 200);
    loop.turn(5000);
    loop.look(5001);
    assert.equal(loop.told.length, expected);
    assert.equal(loop.told.at(-1)?.evidence.fromMs, 2000 + (stalls - 1) * 200);
    loop.look(5002);
    assert.equal(loop.told.length, expected, 'once');
  }
});

describe('the evidence', () => {
  const evidenceOf = (options: Partial<ThreadWatchOptions>, prepare: (record: Float64Array) => void = () => {}) => {
    const loop = watchLoop(options);
    prepare(loop.record);
    loop.lookUntil(1300, ['a src/a.js']);
    loop.turn(1300);
    loop.write(1000, 1300);
    loop.look(1310);
    return loop.told[0]?.evidence ?? assert.fail('no stall was told of');
  };

  test('tells what the scheduler did with the thread, from its number on', () => {
    const watched: number[] = [];
    const sample = scheduled(20, { cpu: 1 });
    const watchScheduler = (thread: number) => {
      watched.push(thread);
      return { sample: () => sample };
    };
    const { scheduler } = evidenceOf({ watchScheduler }, (record) => {
      record[LOOP.systemThread] = 4711;
    });
    assert.ok(scheduler.length > 5 && scheduler.every((one) => one === sample));
    assert.deepEqual(watched, [4711]);
    assert.deepEqual(evidenceOf({ watchScheduler }).scheduler, [], 'no number, nothing to read');
  });

  test('tells for how long the observer did not run', () => {
    assert.equal(evidenceOf({ gapMs: (fromMs, toMs) => toMs - fromMs - 1 }).observerGapMs, 299);
  });

  test('tells of a debugger, whoever knows of it', () => {
    assert.equal(evidenceOf({}).hasDebugger, false);
    assert.equal(evidenceOf({ hasDebugger: () => true }).hasDebugger, true);
    const known = evidenceOf({}, (record) => {
      record[LOOP.debugger] = 1;
    });
    assert.equal(known.hasDebugger, true);
  });
});

test('a stopped watch gives up what it asked for, and hears nothing any more', () => {
  const loop = watchLoop();
  loop.look(1100);
  loop.watch.stop();
  assert.equal(loop.asks[0]?.isGivenUp, true);
  loop.asks[0]?.answer(['a src/a.js']);
  assert.equal(loop.watch.current(1200), undefined);
  loop.watch.stop();
});

describe('loops that sleep', () => {
  for (const [how, options, expectedMs] of [
    ['are looked at when they are late', {}, 83],
    ['and share their looks, at multiples of a time', { sharedLooksMs: 16 }, 88],
  ] as const) {
    test(how, () => {
      const { watch, record } = watchLoop(options);
      record[LOOP.sleeping] = 1;
      assert.equal(watch.look(1000), expectedMs);
      record[LOOP.nextDue] = Number.POSITIVE_INFINITY;
      assert.equal(watch.look(9000), Number.POSITIVE_INFINITY, 'one that waits for its next task is never late');
    });
  }

  test('are suspected as soon where they share their looks', () => {
    const { watch, record, asks } = watchLoop({ sharedLooksMs: 16 });
    record[LOOP.sleeping] = 1;
    let nowMs = 1000;
    while (asks.length === 0 && nowMs < 1300) nowMs += watch.look(nowMs);
    assert.equal(nowMs - 1000 <= DUE_MS + 25 + 20, true, `${nowMs - 1000} ms after its last turn`);
  });
});
