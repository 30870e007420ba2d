// The observer's watch over one loop: suspects a stall, has captures taken while it lasts, and tells of it when it is over.
import type { RawCapture } from './capture.js';
import type { SchedulerSample, StallEvidence, TimedCapture } from './evidence.js';
import { field, LOOP, STALL, STALLS_KEPT, stallAt, TURNS_BEFORE_WATCH } from './loop-record.js';
import type { SchedulerWatch } from './scheduler.js';

/** A loop is suspected once it missed its turn by this much. */
const MISSED_MS = 25;
/** The first captures follow each other at this distance, the later ones ever more slowly. */
const CAPTURE_EVERY_MS = 50;
const CAPTURE_GROWTH = 1.35;
const CAPTURES_PER_STALL = 10;
const RETRIES_PER_STALL = 150;
/** While a stall lasts, its end is looked for this often. */
const WATCH_EVERY_MS = 20;
/** Suspicions that may wait for the loop's own word of the stall. */
const SUSPICIONS_KEPT = STALLS_KEPT;
/** A loop that turns writes its word of a stall within this time; a suspicion without one was none. */
const WORD_WITHIN_MS = 500;

export interface ThreadWatchOptions {
  readonly record: Float64Array;
  readonly thresholdMs: number;
  /** Takes a capture, if captures can be taken; answers undefined when there is none. Returns how to give up. */
  readonly capture: ((onAnswer: (capture: RawCapture | undefined) => void) => () => void) | undefined;
  readonly watchScheduler: (systemThread: number) => SchedulerWatch;
  /** How long the observer itself did not run between two moments. */
  readonly gapMs: (fromMs: number, toMs: number) => number;
  readonly now: () => number;
  /** Told of each stall that is over, with the loop's own entry of it. */
  readonly onStall: (evidence: StallEvidence, entry: Float64Array) => void;
}

/** The watch over one loop. */
export interface ThreadWatch {
  /** Looks at the loop; returns in how many milliseconds to look again. */
  look(nowMs: number): number;
  /** What is known so far of a stall that lasts; undefined while the loop turns. */
  current(nowMs: number): StallEvidence | undefined;
  stop(): void;
}

/** A stretch in which the loop missed its turn. */
interface Suspicion {
  readonly lastTurnMs: number;
  readonly captures: TimedCapture[];
  readonly scheduler: SchedulerSample[];
  nextCaptureMs: number;
  captureEveryMs: number;
  /** When the loop was seen to turn again. */
  overMs: number;
}

/** Creates the watch of one loop; `look` must be called when it asks for it. */
export function createThreadWatch(options: ThreadWatchOptions): ThreadWatch {
  const { record, thresholdMs, capture, watchScheduler, gapMs, now, onStall } = options;
  let seen = field(record, LOOP.stalls);
  let open: Suspicion | undefined;
  let ended: Suspicion[] = [];
  let giveUp: (() => void) | undefined;
  let asked = 0;
  let retries = 0;
  let again: NodeJS.Immediate | undefined;
  let scheduler: { readonly thread: number; readonly watch: SchedulerWatch } | undefined;

  function sampleScheduler(nowMs: number): SchedulerSample | undefined {
    const thread = field(record, LOOP.systemThread);
    if (thread === 0) return undefined;
    if (scheduler?.thread !== thread) scheduler = { thread, watch: watchScheduler(thread) };
    return scheduler.watch.sample(nowMs, open !== undefined);
  }

  function ask(into: Suspicion, nowMs: number): void {
    if (capture === undefined || giveUp !== undefined) return;
    asked++;
    const number = asked;
    let answered = false;
    const cancel = capture((answer) => {
      answered = true;
      if (number !== asked) return;
      giveUp = undefined;
      if (answer === undefined) return;
      if (answer.frames.length > 0 || retries === 0) into.captures.push({ askedMs: nowMs, capture: answer });
      else {
        // A flood of microtasks is seen between two of them most of the time, where there is no stack.
        retries--;
        again = setImmediate(() => {
          if (into === open) ask(into, now());
        });
      }
    });
    if (!answered) giveUp = cancel;
  }

  function evidenceOf(suspicions: readonly Suspicion[], fromMs: number, toMs: number, gcMs: number): StallEvidence {
    return {
      fromMs,
      toMs,
      thresholdMs,
      captures: suspicions
        .flatMap(({ captures }) => captures)
        .filter(({ capture: { atMs } }) => atMs >= fromMs && atMs <= toMs),
      scheduler: suspicions.flatMap((suspicion) => suspicion.scheduler),
      gcMs,
      observerGapMs: gapMs(fromMs, toMs),
      hasDebugger: field(record, LOOP.debugger) !== 0,
    };
  }

  function tell(number: number): void {
    const entry = record.subarray(stallAt(number));
    const fromMs = field(entry, STALL.from);
    const toMs = field(entry, STALL.to);
    const isOf = ({ lastTurnMs }: Suspicion) => lastTurnMs <= fromMs + 1 && lastTurnMs >= fromMs - thresholdMs * 2;
    const about = ended.filter(isOf);
    ended = ended.filter((suspicion) => !isOf(suspicion));
    onStall(evidenceOf(about, fromMs, toMs, field(entry, STALL.gc)), entry);
  }

  return {
    look(nowMs) {
      const lastTurnMs = field(record, LOOP.lastTurn);
      const stalls = field(record, LOOP.stalls);
      const sample = sampleScheduler(nowMs);
      if (open !== undefined) {
        if (sample !== undefined) open.scheduler.push(sample);
        if (lastTurnMs !== open.lastTurnMs) {
          open.overMs = nowMs;
          ended = [...ended.slice(1 - SUSPICIONS_KEPT), open];
          open = undefined;
        }
      }
      for (let number = Math.max(seen, stalls - STALLS_KEPT); number < stalls; number++) tell(number);
      seen = stalls;
      if (field(record, LOOP.turns) < TURNS_BEFORE_WATCH) return thresholdMs;

      const suspectMs = Math.max(lastTurnMs + thresholdMs, field(record, LOOP.nextDue) + MISSED_MS);
      if (open === undefined) {
        // A stall that is over is told of soon; an idle loop is looked at when it may be overdue.
        ended = ended.filter(({ overMs }) => nowMs - overMs < WORD_WITHIN_MS);
        if (nowMs < suspectMs) return ended.length > 0 ? Math.min(WATCH_EVERY_MS, suspectMs - nowMs) : suspectMs - nowMs;
        const scheduler = sample === undefined ? [] : [sample];
        retries = RETRIES_PER_STALL;
        open = { lastTurnMs, captures: [], scheduler, nextCaptureMs: nowMs, captureEveryMs: CAPTURE_EVERY_MS, overMs: 0 };
      }
      if (nowMs >= open.nextCaptureMs && open.captures.length < CAPTURES_PER_STALL && giveUp === undefined) {
        open.nextCaptureMs = nowMs + open.captureEveryMs;
        open.captureEveryMs *= CAPTURE_GROWTH;
        ask(open, nowMs);
      }
      return WATCH_EVERY_MS;
    },
    current(nowMs) {
      return open === undefined ? undefined : evidenceOf([open], open.lastTurnMs, nowMs, 0);
    },
    stop() {
      asked++;
      clearImmediate(again);
      giveUp?.();
      giveUp = undefined;
      open = undefined;
      ended = [];
    },
  };
}
