import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Activity, NoStack } from '../../src/dump/dump.js';
import { describeThreads, type ThreadEvidence } from '../../src/dump/thread-state.js';
import type { SchedulerSample } from '../../src/stalls/blame/evidence.js';
import type { RawCapture } from '../../src/stalls/loop/capture.js';
import type { RawFrame } from '../../src/stalls/loop/raw-frame.js';

const options = { root: '/app', mapped: <T>(frame: T) => frame };
const capture = (...frames: RawFrame[]): RawCapture => ({ atMs: 0, frames, asyncId: 0 });
const mine: RawFrame = ['total', '/app/src/a.js', 4, 7, false];
const waits: RawFrame = ['Atomics.wait', 'native', 0, 0, false];
const reads: RawFrame = ['readFileSync', 'node:fs', 9, 2, false];
const hashes: RawFrame = ['pbkdf2Sync', 'node:internal/crypto/pbkdf2', 9, 2, false];

const scheduler = (share: number, state = 'R', waitsIn = ''): SchedulerSample => ({
  wallMs: 100,
  cpuMs: share * 100,
  runQueueMs: 0,
  state,
  waitsIn,
});
const BUSY = scheduler(0.9);
const ASLEEP = scheduler(0.01, 'S', 'futex_do_wait');

const evidence = (given: Partial<ThreadEvidence>): ThreadEvidence => ({
  thread: 'main',
  threadId: 0,
  blockedMs: 0,
  seen: capture(),
  scheduler: undefined,
  ...given,
});

const CASES: readonly [
  title: string,
  seen: RawCapture | NoStack,
  blockedMs: number,
  SchedulerSample | undefined,
  Activity,
][] = [
  ['an empty stack is an idle loop', capture(), 0, ASLEEP, 'idle'],
  ['an empty stack where the system tells nothing', capture(), 900, undefined, 'idle'],
  ['between the microtasks of a flood', capture(), 900, BUSY, 'javascript'],
  ['code of the application', capture(mine), 900, BUSY, 'javascript'],
  ['code of the application, while the loop turns', capture(mine), 0, undefined, 'javascript'],
  ['Atomics.wait', capture(waits, mine), 900, ASLEEP, 'wait'],
  ['Atomics.wait, without figures of the system', capture(waits, mine), 900, undefined, 'wait'],
  ['Atomics.wait again and again, for a moment each', capture(waits, mine), 900, BUSY, 'javascript'],
  ['synchronous I/O', capture(reads, mine), 900, BUSY, 'sync_io'],
  ['a native call that was seen', capture(hashes, mine), 900, BUSY, 'native'],
  ['no answer while it computes', 'answer', 900, BUSY, 'native'],
  ['no answer while it sleeps', 'answer', 900, ASLEEP, 'asleep'],
  ['no answer while it waits for a disk', 'answer', 900, scheduler(0.01, 'D', 'io_schedule'), 'sync_io'],
  ['no answer and no processor', 'answer', 900, scheduler(0.01, 'R'), 'descheduled'],
  ['no answer and no figures', 'answer', 900, undefined, 'unknown'],
  ['nobody to relay, and it turns', 'relay', 0, ASLEEP, 'turning'],
  ['nobody to relay, and it computes', 'relay', 900, BUSY, 'computing'],
  ['stacks are off, and it computes', 'off', 900, BUSY, 'computing'],
  ['a worker without our part', 'loaded', Number.NaN, undefined, 'unknown'],
];

describe('a thread', () => {
  for (const [title, seen, blockedMs, sample, expected] of CASES) {
    test(`${title}: ${expected}`, () => {
      const [thread] = describeThreads([evidence({ seen, blockedMs, scheduler: sample })], true, options);
      assert.equal(thread?.activity, expected);
      assert.equal(thread?.noStack, typeof seen === 'string' ? seen : undefined);
    });
  }

  test('has its stack by the names of reports, and what it sleeps in', () => {
    const [seen, silent] = describeThreads(
      [
        evidence({ seen: capture(waits, mine), scheduler: ASLEEP }),
        evidence({ seen: 'answer', blockedMs: 900, scheduler: ASLEEP }),
      ],
      true,
      options,
    );
    assert.deepEqual(
      seen?.stack.map(({ function: name, file, line }) => [name, file, line]),
      [
        ['Atomics.wait', 'native', 0],
        ['total', 'src/a.js', 4],
      ],
    );
    assert.equal(seen?.waitsIn, undefined);
    assert.equal(silent?.waitsIn, 'futex_do_wait');
  });
});

describe('nobody wakes a thread that waits', () => {
  const waiting = evidence({ seen: capture(waits, mine), blockedMs: 900 });
  const idle = evidence({ thread: 'pool', threadId: 1 });
  const busy = evidence({ thread: 'pool', threadId: 1, seen: capture(mine), blockedMs: 10 });
  const unknown = evidence({ thread: 'pool', threadId: 1, seen: 'loaded', blockedMs: Number.NaN });
  const cases: readonly [
    title: string,
    others: readonly ThreadEvidence[],
    areAll: boolean,
    expected: true | undefined,
  ][] = [
    ['alone', [], true, true],
    ['beside an idle one', [idle], true, true],
    ['beside another that waits', [{ ...waiting, threadId: 1 }], true, true],
    ['but one that runs may', [idle, { ...busy, threadId: 2 }], true, undefined],
    ['but one that nothing is known of may', [unknown], true, undefined],
    ['but one that is not on the board may', [idle], false, undefined],
  ];
  for (const [title, others, areAll, expected] of cases) {
    test(title, () => {
      const [main, ...rest] = describeThreads([waiting, ...others], areAll, options);
      assert.equal(main?.nobodyWakes, expected);
      for (const { activity, nobodyWakes } of rest)
        assert.equal(nobodyWakes, activity === 'wait' ? expected : undefined);
    });
  }
});
