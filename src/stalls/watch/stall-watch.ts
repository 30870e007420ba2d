// Watches every loop of the process from the observer: one timer, which looks at each when it may be overdue.
import { performance } from 'node:perf_hooks';
import type { Clock } from '../../clock.js';
import type { Monitor } from '../../instrumentation.js';
import { FLAG, type Heartbeat } from '../../observer/heartbeat.js';
import type { StallWatchSettings } from '../../observer/messages.js';
import { createRearmedTimer } from '../../rearmed-timer.js';
import { BEAT, type Board, HEAD, nameAt, SLOT, SLOT_COUNT, slotFloats, slotInts } from '../../worker-board/memory.js';
import { describeStall, isStart, isUnseenStart } from '../blame/describe-stall.js';
import type { StallEvidence, TimedCapture } from '../blame/evidence.js';
import { othersWaiting } from '../blame/others-waiting.js';
import { createSourceMapper } from '../blame/source-maps.js';
import type { StallReport } from '../blame/stall-report.js';
import { readCallNote } from '../loop/call-note.js';
import { field, hasStarted, LOOP } from '../loop/loop-record.js';
import type { Capturer } from './capturer.js';
import type { Target } from './interrupt.js';
import type { OngoingStall, WatchedThread } from './ongoing.js';
import { createOngoingReader } from './ongoing-reader.js';
import { createOwnGaps } from './own-gaps.js';
import { watchScheduler } from './scheduler.js';
import { createSpinReporter, type SpinReport } from './spin-report.js';
import { isOfCode, surerOf } from './surer-report.js';
import { createThreadWatch, SHARED_LOOKS_MS, type ThreadWatch, WATCH_EVERY_MS } from './thread-watch.js';

/** New worker threads are looked for this often at the least. */
const LOOK_AT_LEAST_EVERY_MS = 250;
/** A look may be this much late, in milliseconds, where that is cheaper. */
const SLACK_MS = 2;

export interface StallWatchOptions {
  readonly settings: StallWatchSettings;
  readonly clock: Clock;
  readonly heartbeat: Heartbeat;
  readonly board: Board | undefined;
  /** Told of each stall when it is over, and whether the program had started. */
  readonly onStall: (report: StallReport, isStarted: boolean) => void;
  /** Takes captures; undefined where none may be taken. */
  readonly capture: Capturer | undefined;
  /** How long the inspector held a thread between two moments, for whoever looks into the process. @default never */
  readonly heldMs?: (target: Target, fromMs: number, toMs: number) => number;
  /** What a profile saw of a stall of the main thread, where one is taken all the time. @default nothing */
  readonly seenOf?: (stall: StallEvidence) => Promise<readonly TimedCapture[]>;
  /** Told once a second while the main loop spins. */
  readonly onSpin: (report: SpinReport) => void;
  /** Told of the stalls that last at each look, every 20 ms, and once when there are none any more. */
  readonly onLook?: (stalls: readonly OngoingStall[]) => void;
  readonly report: (cause: string, error: unknown) => void;
}

/** A running watch over all loops. */
export interface StallWatch extends Monitor {
  /** Every loop that is held right now, the main one first. */
  ongoing(): OngoingStall[];
  /** Every thread that has a name. */
  threads(): WatchedThread[];
}

interface Watched {
  readonly watch: ThreadWatch;
  readonly threadId: number;
  readonly record: Float64Array;
  readonly nameOf: () => string | undefined;
}

/** Starts watching. */
export function startStallWatch(options: StallWatchOptions): StallWatch {
  const { settings, clock, heartbeat, board, capture, heldMs, seenOf, onStall, onSpin, onLook, report } = options;
  const { thresholdMs, root } = settings;
  const mapped = createSourceMapper();
  const gaps = createOwnGaps();
  const startedMs = clock.monotonicMs();
  // Of now: the wall clock may be set, and the other one stands still while a machine sleeps.
  const unixOrigin = () => clock.unixMs() - clock.monotonicMs();
  const workers = new Map<number, Watched>();
  let dueMs = clock.monotonicMs();
  let stopped = false;

  function tell(thread: string, evidence: StallEvidence, entry: Float64Array): void {
    if (isStart(evidence) || (capture === undefined && isUnseenStart(evidence, startedMs))) return;
    const waiting = othersWaiting(evidence, entry);
    const describe = (from: StallEvidence) =>
      describeStall(from, { thread, unixOriginMs: unixOrigin(), root, mapped, waiting });
    const told = describe(evidence);
    const isStarted = hasStarted(heartbeat.record, evidence.toMs);
    if (seenOf === undefined || thread !== 'main' || !isOfCode(told)) {
      onStall(told, isStarted);
      return;
    }
    seenOf(evidence)
      .then((captures) => (captures.length === 0 ? told : surerOf(told, describe({ ...evidence, captures }))))
      .catch((error) => {
        report('a profile of a stall could not be read', error);
        return told;
      })
      .then((better) => {
        if (!stopped) onStall(better, isStarted);
      });
  }

  function watchLoop(record: Float64Array, target: Target, nameOf: () => string | undefined): ThreadWatch {
    return createThreadWatch({
      record,
      thresholdMs,
      capture: capture === undefined ? undefined : (onAnswer) => capture(target, onAnswer),
      watchScheduler,
      ...(target === 'main' ? {} : { sharedLooksMs: SHARED_LOOKS_MS }),
      gapMs: gaps.within,
      now: () => clock.monotonicMs(),
      hasDebugger: () => field(heartbeat.record, LOOP.debugger) !== 0,
      heldMs: (fromMs, toMs) => heldMs?.(target, fromMs, toMs) ?? 0,
      onStall(evidence, entry) {
        const name = nameOf();
        // Nobody may have been able to look, and then a call that was timed is what is known.
        const isSeen = evidence.captures.length > 0 || target !== 'main';
        const call = isSeen ? undefined : readCallNote(heartbeat.callNote, evidence.fromMs);
        const known = call === undefined ? evidence : { ...evidence, captures: [call] };
        if (name !== undefined) tell(name, known, entry);
      },
    });
  }

  const main = watchLoop(heartbeat.record, 'main', () => 'main');

  let claims = 0;

  // Going through all slots is the dearest part of a look, and there is hardly ever a new thread.
  function findWorkers(known: Board): void {
    const { ints, floats } = known;
    const claimsNow = Atomics.load(ints, HEAD.claims);
    if (claimsNow === claims) return;
    claims = claimsNow;
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      const threadId = Atomics.load(ints, slotInts(slot) + SLOT.thread);
      const before = workers.get(slot);
      if (threadId === 0 || before?.threadId === threadId) continue;
      before?.watch.end(clock.monotonicMs());
      before?.watch.stop();
      const record = floats.subarray(slotFloats(slot), slotFloats(slot) + BEAT.counted);
      let name: string | undefined;
      // What a thread ended in is told of when its slot may be another's already.
      const nameOf = () => {
        name ??= nameAt(known, Atomics.load(ints, slotInts(slot) + SLOT.name) - 1);
        return name;
      };
      workers.set(slot, { threadId, record, nameOf, watch: watchLoop(record, threadId, nameOf) });
    }
  }

  const hasEnded = (slot: number) => board !== undefined && Atomics.load(board.ints, slotInts(slot) + SLOT.ended) !== 0;

  function lookAtWorkers(nowMs: number): number {
    if (board === undefined) return LOOK_AT_LEAST_EVERY_MS;
    findWorkers(board);
    let soonestMs = LOOK_AT_LEAST_EVERY_MS;
    for (const [slot, { threadId, watch, nameOf }] of workers) {
      const isThere = Atomics.load(board.ints, slotInts(slot) + SLOT.thread) === threadId;
      if (isThere) {
        nameOf();
        soonestMs = Math.min(soonestMs, watch.look(nowMs));
      } else workers.delete(slot);
      // A thread that said that it ends may turn once more.
      if (isThere && !hasEnded(slot)) continue;
      watch.end(nowMs);
      watch.stop();
    }
    return soonestMs;
  }

  let toldMs = 0;
  let wasHeld = false;

  // A loop that is suspected is looked at this soon again; while none is, most looks have nothing to tell.
  function tellOfLook(nowMs: number, waitMs: number): void {
    if (waitMs > WATCH_EVERY_MS && !wasHeld && nowMs - toldMs < LOOK_AT_LEAST_EVERY_MS) return;
    const stalls = ongoing();
    const isNew = stalls.length > 0 || wasHeld;
    toldMs = nowMs;
    wasHeld = stalls.length > 0;
    if (isNew) onLook?.(stalls);
  }

  const ongoingOf = createOngoingReader({
    record: heartbeat.record,
    clock,
    thresholdMs,
    startedMs,
    gapMs: gaps.within,
    describe: (evidence, thread) =>
      describeStall(evidence, { thread, unixOriginMs: unixOrigin(), root, mapped, ongoing: true }),
  });

  const turnNote = capture === undefined ? undefined : heartbeat.turnNote;
  const spin = createSpinReporter({ record: heartbeat.record, note: turnNote, root, mapped, onSpin });

  function look(): void {
    if (stopped) return;
    const nowMs = clock.monotonicMs();
    Atomics.add(heartbeat.flags, FLAG.looks, 1);
    // The difference of two of these is time in which this loop was active.
    gaps.woke(dueMs, nowMs, nowMs - performance.nodeTiming.idleTime);
    let waitMs = LOOK_AT_LEAST_EVERY_MS;
    try {
      waitMs = Math.min(main.look(nowMs), lookAtWorkers(nowMs), spin.look(nowMs));
      tellOfLook(nowMs, waitMs);
    } catch (error) {
      report('a stall could not be described', error);
    }
    // Timers turn at whole milliseconds of the clock: one that is early by a part of one would be a look for nothing.
    const untilMs = Math.ceil(nowMs + waitMs) - Math.floor(nowMs);
    waitMs = timer.arm(Math.max(1, untilMs), SLACK_MS);
    dueMs = clock.monotonicMs() + waitMs;
  }

  const namedWorkers = () =>
    [...workers].flatMap(([slot, watched]) => {
      const thread = hasEnded(slot) ? undefined : watched.nameOf();
      return thread === undefined ? [] : [{ ...watched, thread }];
    });

  const ongoing = () => [
    ...ongoingOf(main, 'main', 'main'),
    ...namedWorkers().flatMap(({ watch, thread, threadId }) => ongoingOf(watch, thread, threadId)),
  ];

  const timer = createRearmedTimer(look, { ref: true });
  look();
  return {
    ongoing,
    threads() {
      lookAtWorkers(clock.monotonicMs());
      return [
        { thread: 'main', target: 'main', record: heartbeat.record },
        ...namedWorkers().map(({ thread, threadId, record }) => ({ thread, target: threadId, record })),
      ];
    },
    stop() {
      stopped = true;
      timer.stop();
      main.stop();
      for (const { watch } of workers.values()) watch.stop();
      workers.clear();
    },
  };
}
