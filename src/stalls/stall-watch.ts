// Watches every loop of the process from the observer: one timer, which looks at each when it may be overdue.
import { performance } from 'node:perf_hooks';
import type { Clock } from '../clock.js';
import type { Monitor } from '../instrumentation.js';
import { type Board, BEAT, nameAt, SLOT, SLOT_COUNT, slotFloats, slotInts } from '../worker-board/memory.js';
import type { Heartbeat } from '../observer/heartbeat.js';
import type { StallWatchSettings } from '../observer/messages.js';
import { describeStall, isStart } from './describe-stall.js';
import type { StallEvidence } from './evidence.js';
import type { Capturer } from './capturer.js';
import type { Target } from './interrupt.js';
import { field, LOOP, STALL } from './loop-record.js';
import { createOwnGaps } from './own-gaps.js';
import { watchScheduler } from './scheduler.js';
import { createSourceMapper } from './source-maps.js';
import { createSpinReporter, type SpinReport } from './spin-report.js';
import type { StallReport } from './stall-report.js';
import { createThreadWatch, type ThreadWatch } from './thread-watch.js';

/** New worker threads are looked for this often at the least. */
const LOOK_AT_LEAST_EVERY_MS = 250;
/** Stalls in the first moments of a process that nobody saw are taken as its start. */
const START_MS = 2000;

export interface StallWatchOptions {
  readonly settings: StallWatchSettings;
  readonly clock: Clock;
  readonly heartbeat: Heartbeat;
  readonly board: Board | undefined;
  /** Told of each stall when it is over. */
  readonly onStall: (report: StallReport, isServing: boolean) => void;
  /** Takes captures; undefined where none may be taken. */
  readonly capture: Capturer | undefined;
  /** Told once a second while the main loop spins. */
  readonly onSpin: (report: SpinReport) => void;
  readonly report: (cause: string, error: unknown) => void;
}

/** A running watch over all loops. */
export interface StallWatch extends Monitor {
  /** What is known of a stall of the main loop that lasts. */
  current(): StallReport | undefined;
}

interface Watched {
  readonly watch: ThreadWatch;
  readonly threadId: number;
}

/** Starts watching. */
export function startStallWatch(options: StallWatchOptions): StallWatch {
  const { settings, clock, heartbeat, board, capture, onStall, onSpin, report } = options;
  const { thresholdMs, root } = settings;
  const mapped = createSourceMapper();
  const gaps = createOwnGaps();
  const startedMs = clock.monotonicMs();
  const unixOriginMs = clock.unixMs() - clock.monotonicMs();
  const workers = new Map<number, Watched>();
  let timer: NodeJS.Timeout | undefined;
  let dueMs = clock.monotonicMs();
  let stopped = false;

  function tell(thread: string, evidence: StallEvidence, entry: Float64Array, record: Float64Array): void {
    if (isStart(evidence)) return;
    if (evidence.captures.length === 0 && evidence.fromMs < startedMs + START_MS) return;
    const waiting = { requests: field(entry, STALL.waiting), waitedMs: field(entry, STALL.waited) };
    onStall(
      describeStall(evidence, { thread, unixOriginMs, root, mapped, waiting }),
      field(record, LOOP.serving) !== 0,
    );
  }

  function watchLoop(record: Float64Array, target: Target, nameOf: () => string | undefined): ThreadWatch {
    return createThreadWatch({
      record,
      thresholdMs,
      capture: capture === undefined ? undefined : (onAnswer) => capture(target, onAnswer),
      watchScheduler,
      gapMs: gaps.within,
      now: () => clock.monotonicMs(),
      onStall(evidence, entry) {
        const name = nameOf();
        if (name !== undefined) tell(name, evidence, entry, record);
      },
    });
  }

  const main = watchLoop(heartbeat.record, 'main', () => 'main');

  function lookAtWorkers(nowMs: number): number {
    if (board === undefined) return LOOK_AT_LEAST_EVERY_MS;
    const { ints, floats } = board;
    let soonestMs = LOOK_AT_LEAST_EVERY_MS;
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      const threadId = Atomics.load(ints, slotInts(slot) + SLOT.thread);
      const ended = Atomics.load(ints, slotInts(slot) + SLOT.ended) !== 0;
      let watched = workers.get(slot);
      if (watched !== undefined && (watched.threadId !== threadId || ended)) {
        watched.watch.stop();
        workers.delete(slot);
        watched = undefined;
      }
      if (threadId === 0 || ended) continue;
      if (watched === undefined) {
        const record = floats.subarray(slotFloats(slot), slotFloats(slot) + BEAT.histogram);
        const nameOf = () => nameAt(board, Atomics.load(ints, slotInts(slot) + SLOT.name) - 1);
        watched = { threadId, watch: watchLoop(record, threadId, nameOf) };
        workers.set(slot, watched);
      }
      soonestMs = Math.min(soonestMs, watched.watch.look(nowMs));
    }
    return soonestMs;
  }

  const spin = createSpinReporter({ record: heartbeat.record, capture, root, mapped, onSpin });

  function look(): void {
    if (stopped) return;
    const nowMs = clock.monotonicMs();
    gaps.woke(dueMs, nowMs, performance.eventLoopUtilization().active);
    let waitMs = LOOK_AT_LEAST_EVERY_MS;
    try {
      waitMs = Math.min(main.look(nowMs), lookAtWorkers(nowMs), spin.look(nowMs));
    } catch (error) {
      report('a stall could not be described', error);
    }
    waitMs = Math.max(1, Math.ceil(waitMs));
    dueMs = clock.monotonicMs() + waitMs;
    timer = setTimeout(look, waitMs);
  }

  look();
  return {
    current() {
      const evidence = main.current(clock.monotonicMs());
      if (evidence === undefined || isStart(evidence)) return undefined;
      return describeStall(evidence, { thread: 'main', unixOriginMs, root, mapped, ongoing: true });
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      main.stop();
      spin.stop();
      for (const { watch } of workers.values()) watch.stop();
      workers.clear();
    },
  };
}
