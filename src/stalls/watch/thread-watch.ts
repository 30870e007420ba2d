// The observer's watch over one loop: suspects a stall, has captures taken while it lasts, and tells of it when it is over.

import { PROMPT_MS, type SchedulerSample, type StallEvidence, type TimedCapture } from '../blame/evidence.js';
import { showsUsersCode } from '../blame/frames.js';
import type { RawCapture } from '../loop/capture.js';
import { field, LOOP, STALL, STALL_LENGTH, STALLS_KEPT, stallAt, TURNS_BEFORE_WATCH } from '../loop/loop-record.js';
import type { SchedulerWatch } from './scheduler.js';

/** A loop is suspected once it missed its turn by this much. */
const MISSED_MS = 25;
/** A turn that is this late may be the begin of a stall: from then on it is watched what the thread does. */
const LATE_MS = 8;
/**
 * Of many loops that sleep one each is late at any moment: they are looked at together, at multiples of this time, which is
 * still before one of them is suspected.
 */
export const SHARED_LOOKS_MS = 16;
/** The first captures follow each other at this distance, the later ones ever more slowly. */
const CAPTURE_EVERY_MS = 50;
const CAPTURE_GROWTH = 1.35;
const CAPTURES_PER_STALL = 10;
const RETRIES_PER_STALL = 150;
/** A stack with Node's own functions alone may be all that there is to see; it is tried again as if for so many. */
const NODE_ONLY_COSTS = 12;
/** While a stall lasts, its end is looked for this often. */
export const WATCH_EVERY_MS = 20;
/** Suspicions that may wait for the loop's own word of the stall. */
const SUSPICIONS_KEPT = STALLS_KEPT;
/** A loop writes its word of a stall within its next iterations, however long those take; a suspicion without one was none. */
const WORD_WITHIN_TURNS = 6;

export interface ThreadWatchOptions {
  readonly record: Float64Array;
  readonly thresholdMs: number;
  /** Takes a capture, if captures can be taken; answers undefined when there is none. Returns how to give up. */
  readonly capture: ((onAnswer: (capture: RawCapture | undefined) => void) => () => void) | undefined;
  readonly watchScheduler: (systemThread: number) => SchedulerWatch;
  /** How long the observer itself did not run between two moments. */
  readonly gapMs: (fromMs: number, toMs: number) => number;
  readonly now: () => number;
  /** Whether a debugger can be attached to the process: workers do not know it themselves. */
  readonly hasDebugger: () => boolean;
  /** How long the inspector held the thread between two moments, for whoever looks into the process. @default never */
  readonly heldMs?: (fromMs: number, toMs: number) => number;
  /** While the loop sleeps, it is looked at only at multiples of this time, in milliseconds. @default 1 */
  readonly sharedLooksMs?: number;
  /** Told of each stall that is over, with the loop's own entry of it. */
  readonly onStall: (evidence: StallEvidence, entry: Float64Array) => void;
}

/** The watch over one loop. */
export interface ThreadWatch {
  /** Looks at the loop; returns in how many milliseconds to look again. */
  look(nowMs: number): number;
  /** What is known so far of a stall that lasts; undefined while the loop turns. */
  current(nowMs: number): StallEvidence | undefined;
  /** Tells of a stall that the thread has ended in: it will not write of it itself. To be called before `stop`. */
  end(nowMs: number): void;
  stop(): void;
}

/** A stretch in which the loop missed its turn. */
interface Suspicion {
  readonly lastTurnMs: number;
  readonly captures: TimedCapture[];
  readonly scheduler: SchedulerSample[];
  /** When the loop would have turned. */
  readonly dueMs: number;
  nextCaptureMs: number;
  captureEveryMs: number;
  /** Turns of the loop when it was suspected. */
  turnsBefore: number;
  /** When the loop turned at last; NaN until it has. */
  turnedMs: number;
}

/** Creates the watch of one loop; `look` must be called when it asks for it. */
export function createThreadWatch(options: ThreadWatchOptions): ThreadWatch {
  const {
    record,
    thresholdMs,
    capture,
    watchScheduler,
    gapMs,
    now,
    hasDebugger,
    heldMs,
    onStall,
    sharedLooksMs = 1,
  } = options;
  let seen = field(record, LOOP.stalls);
  let open: Suspicion | undefined;
  let ended: Suspicion[] = [];
  let giveUp: (() => void) | undefined;
  let asked = 0;
  let retries = 0;
  let again: NodeJS.Immediate | undefined;
  /** Whether the last look has read what the scheduler did, so that the next sample can begin there. */
  let isFollowed = false;
  let scheduler: { readonly thread: number; readonly watch: SchedulerWatch } | undefined;

  // Without a suspicion nobody asks, but the next sample begins where this one ends.
  function sampleScheduler(nowMs: number, isWanted: boolean): SchedulerSample | undefined {
    const wasFollowed = isFollowed;
    isFollowed = true;
    const thread = field(record, LOOP.systemThread);
    if (thread === 0) return undefined;
    if (scheduler?.thread !== thread) {
      scheduler?.watch.close?.();
      scheduler = { thread, watch: watchScheduler(thread) };
    }
    const { watch } = scheduler;
    if (watch.skip === undefined || (isWanted && wasFollowed)) return watch.sample(nowMs, open !== undefined);
    watch.skip(nowMs);
    return undefined;
  }

  function ask(into: Suspicion, askedMs: number): void {
    if (capture === undefined || giveUp !== undefined) return;
    asked++;
    const number = asked;
    let answered = false;
    const cancel = capture((answer) => {
      answered = true;
      if (number !== asked) return;
      giveUp = undefined;
      if (answer === undefined) return;
      if (retries <= 0 || showsUsersCode(answer.frames)) into.captures.push({ askedMs, capture: answer });
      else {
        // A flood of microtasks is seen between two of them most of the time, where there is no stack.
        retries -= answer.frames.length === 0 ? 1 : NODE_ONLY_COSTS;
        again = setImmediate(() => {
          // A loop that turned meanwhile was late, and is not woken for nothing.
          if (into === open && field(record, LOOP.lastTurn) === into.lastTurnMs) {
            // What is seen after an answer that has waited is as late.
            ask(into, answer.atMs - askedMs < PROMPT_MS ? now() : askedMs);
          }
        });
      }
    });
    if (!answered) giveUp = cancel;
  }

  // A stall that would have been none without it, or hardly anything.
  function isHeldByInspector(fromMs: number, toMs: number): boolean {
    const byInspectorMs = heldMs?.(fromMs, toMs) ?? 0;
    const ownMs = toMs - fromMs - byInspectorMs;
    return byInspectorMs > 0 && (ownMs <= thresholdMs || ownMs <= byInspectorMs);
  }

  function evidenceOf(suspicions: readonly Suspicion[], fromMs: number, toMs: number): StallEvidence {
    return {
      fromMs,
      toMs,
      thresholdMs,
      captures: suspicions
        .flatMap(({ captures }) => captures)
        .filter(({ capture: { atMs } }) => atMs >= fromMs && atMs <= toMs),
      scheduler: suspicions.flatMap((suspicion) => suspicion.scheduler),
      gcMs: 0,
      observerGapMs: gapMs(fromMs, toMs),
      hasDebugger: field(record, LOOP.debugger) !== 0 || hasDebugger() || isHeldByInspector(fromMs, toMs),
    };
  }

  function tell(number: number): void {
    const entry = record.subarray(stallAt(number));
    const fromMs = field(entry, STALL.from);
    const toMs = field(entry, STALL.to);
    const isOf = ({ lastTurnMs }: Suspicion) => lastTurnMs <= fromMs + 1 && lastTurnMs >= fromMs - thresholdMs * 2;
    const about = ended.filter(isOf);
    ended = ended.filter((suspicion) => !isOf(suspicion));
    const known = {
      gcMs: field(entry, STALL.gc),
      events: field(entry, STALL.events),
      longestMs: field(entry, STALL.longest),
    };
    onStall({ ...evidenceOf(about, fromMs, toMs), ...known }, entry);
  }

  return {
    look(nowMs) {
      const lastTurnMs = field(record, LOOP.lastTurn);
      const stalls = field(record, LOOP.stalls);
      const dueMs = field(record, LOOP.nextDue);
      // Of a loop that slept until it missed its turn there is nothing to know, and a look at it costs more than all else.
      const lateMs =
        field(record, LOOP.sleeping) === 0 ? 0 : Math.ceil((dueMs + LATE_MS) / sharedLooksMs) * sharedLooksMs;
      // Nearly all looks at an idle process, which are to be cheap.
      if (nowMs < lateMs && open === undefined && ended.length === 0 && stalls === seen) {
        isFollowed = false;
        return lateMs - nowMs;
      }
      const suspectMs = Math.max(lastTurnMs + thresholdMs, dueMs + MISSED_MS);
      const isWanted = open !== undefined || nowMs >= suspectMs;
      let sample: SchedulerSample | undefined;
      if (isWanted || nowMs >= lateMs) sample = sampleScheduler(nowMs, isWanted);
      else isFollowed = false;
      if (open !== undefined) {
        if (sample !== undefined) open.scheduler.push(sample);
        if (lastTurnMs !== open.lastTurnMs) {
          open.turnedMs = lastTurnMs;
          ended = [...ended.slice(1 - SUSPICIONS_KEPT), open];
          open = undefined;
        }
      }
      for (let number = Math.max(seen, stalls - STALLS_KEPT); number < stalls; number++) tell(number);
      seen = stalls;
      const turns = field(record, LOOP.turns);
      if (turns < TURNS_BEFORE_WATCH) return thresholdMs;

      if (open === undefined) {
        // A stall that is over is told of soon; an idle loop is looked at when it may be overdue.
        ended = ended.filter(({ turnsBefore }) => turns - turnsBefore <= WORD_WITHIN_TURNS);
        const nextMs = nowMs < lateMs ? lateMs : suspectMs;
        if (nowMs < suspectMs) return ended.length > 0 ? Math.min(WATCH_EVERY_MS, nextMs - nowMs) : nextMs - nowMs;
        const scheduler = sample === undefined ? [] : [sample];
        retries = RETRIES_PER_STALL;
        open = {
          lastTurnMs,
          captures: [],
          scheduler,
          dueMs,
          nextCaptureMs: nowMs,
          captureEveryMs: CAPTURE_EVERY_MS,
          turnsBefore: turns,
          turnedMs: Number.NaN,
        };
      }
      if (nowMs >= open.nextCaptureMs && open.captures.length < CAPTURES_PER_STALL && giveUp === undefined) {
        open.nextCaptureMs = nowMs + open.captureEveryMs;
        open.captureEveryMs *= CAPTURE_GROWTH;
        ask(open, nowMs);
      }
      return WATCH_EVERY_MS;
    },
    current(nowMs) {
      return open === undefined ? undefined : evidenceOf([open], open.lastTurnMs, nowMs);
    },
    end(nowMs) {
      // The record may be another thread's by now. A thread may also end in the moment between its turn and its word.
      for (const suspicion of open === undefined ? ended : [...ended, open]) {
        const fromMs = Math.min(suspicion.dueMs, suspicion.captures[0]?.capture.atMs ?? Number.POSITIVE_INFINITY);
        const toMs = Number.isNaN(suspicion.turnedMs) ? nowMs : suspicion.turnedMs;
        if (toMs - fromMs > thresholdMs) {
          onStall(evidenceOf([suspicion], fromMs, toMs), new Float64Array(STALL_LENGTH));
        }
      }
    },
    stop() {
      asked++;
      scheduler?.watch.close?.();
      scheduler = undefined;
      clearImmediate(again);
      giveUp?.();
      giveUp = undefined;
      open = undefined;
      ended = [];
    },
  };
}
