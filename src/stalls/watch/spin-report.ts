// Names what makes a loop spin: looks at its stack now and then, while it spins.
import { type BlameOptions, sightingsOf } from '../blame/blame.js';
import type { TimedCapture } from '../blame/evidence.js';
import { culpritIndex, type Frame, readFrames } from '../blame/frames.js';
import type { CodePlace } from '../blame/stall-report.js';
import { field, LOOP } from '../loop/loop-record.js';
import type { Capturer } from './capturer.js';

/** A spinning loop is told of once a second. */
const TELL_EVERY_MS = 1000;
/** Most looks meet Node's own code between two callbacks, so that many are taken in a second, … */
const LOOKS_PER_SECOND = 60;
const LOOK_EVERY_MS = 10;
/** … and what meets the application may be something else that has its turn, so that the most frequent of some counts. */
const SIGHTINGS = 3;
/** So many seconds are waited for that many. */
const PATIENCE_MS = 5000;
/** Once the code is known, it is looked for again this often. */
const KNOWN_FOR_MS = 10_000;

/** A stretch in which a loop span. */
export interface SpinReport {
  readonly durationMs: number;
  /** The code that keeps it turning; undefined where it was not met. */
  readonly culprit: CodePlace | undefined;
}

export interface SpinReporterOptions extends BlameOptions {
  readonly record: Float64Array;
  readonly capture: Capturer | undefined;
  readonly onSpin: (report: SpinReport) => void;
}

/** Tells of the main loop's spinning; `look` returns in how many milliseconds it wants to be called again. */
export function createSpinReporter(options: SpinReporterOptions): { look(nowMs: number): number; stop(): void } {
  const { record, capture, onSpin } = options;
  let toldMs = 0;
  let culprit: CodePlace | undefined;
  let knownUntilMs = 0;
  let looks = 0;
  let seen: Sightings = new Map();
  let resumed: Sightings = new Map();
  let isAsking = false;
  let giveUp: (() => void) | undefined;

  function ask(nowMs: number): void {
    if (capture === undefined || isAsking) return;
    isAsking = true;
    looks++;
    const cancel = capture('main', (answer) => {
      isAsking = false;
      giveUp = undefined;
      if (answer === undefined) return;
      const taken: TimedCapture = { askedMs: nowMs, capture: answer };
      const frames = readFrames(answer.frames);
      const [sighting] = sightingsOf({ captures: [taken] }, options);
      if (sighting === undefined) return;
      if (keepsTurning(frames)) add(sighting.culprit, nowMs);
      // A function that was just resumed may have been waiting for the next turn, or for anything else.
      else if (answer.asyncId <= 1 && isResumed(frames)) count(resumed, sighting.culprit);
    });
    if (isAsking) giveUp = cancel;
  }

  function add(place: CodePlace, nowMs: number): void {
    count(seen, place);
    if ([...seen.values()].reduce((total, { times }) => total + times, 0) >= SIGHTINGS) decide(nowMs);
  }

  function decide(nowMs: number): void {
    culprit = mostFrequent(seen) ?? mostFrequent(resumed) ?? culprit;
    knownUntilMs = nowMs + KNOWN_FOR_MS;
    seen = new Map();
    resumed = new Map();
  }

  return {
    look(nowMs) {
      const sinceMs = field(record, LOOP.spinning);
      if (sinceMs === 0) {
        toldMs = 0;
        culprit = undefined;
        knownUntilMs = 0;
        looks = 0;
        seen = new Map();
        resumed = new Map();
        return Number.POSITIVE_INFINITY;
      }
      if (toldMs === 0) toldMs = sinceMs;
      if (capture !== undefined && culprit === undefined && nowMs - sinceMs > PATIENCE_MS) decide(nowMs);
      const wantsLook = nowMs > knownUntilMs && looks < LOOKS_PER_SECOND && capture !== undefined;
      if (wantsLook) ask(nowMs);
      const isWaiting = capture !== undefined && culprit === undefined && nowMs - sinceMs <= PATIENCE_MS;
      if (nowMs - toldMs >= TELL_EVERY_MS) {
        looks = 0;
        if (!isWaiting) {
          onSpin({ durationMs: nowMs - toldMs, culprit });
          toldMs = nowMs;
        }
      }
      // Not at fixed distances: what spins has a rhythm of its own.
      return wantsLook ? LOOK_EVERY_MS * (0.5 + Math.random()) : TELL_EVERY_MS / 4;
    },
    stop() {
      giveUp?.();
    },
  };
}

/**
 * Whether a stack is that of what keeps the loop turning: it runs as an immediate, or asks for the next one. Of everything
 * else that has its turn meanwhile far more is seen, because what spins is optimised and enters few functions.
 */
function keepsTurning(frames: readonly Frame[]): boolean {
  const culprit = culpritIndex(frames);
  if (!isUsers(frames[culprit])) return false;
  const asks = frames.slice(0, culprit).some(({ path }) => /^node:(?:internal\/)?timers/.test(path));
  return (
    asks || frames.some((frame) => frame.path === 'node:internal/timers' && frame.function.endsWith('processImmediate'))
  );
}

function isUsers(frame: Frame | undefined): boolean {
  return frame?.origin === 'application' || frame?.origin === 'package';
}

/** Whether the stack is that of an async function right after an await, with nothing but calls of its own on top of it. */
function isResumed(frames: readonly Frame[]): boolean {
  const culprit = culpritIndex(frames);
  return (
    isUsers(frames[culprit]) &&
    frames.slice(0, culprit).every(({ origin }) => origin === 'application' || origin === 'engine') &&
    frames.slice(culprit + 1).every(({ isAwaited }) => isAwaited)
  );
}

type Sightings = Map<string, { times: number; readonly place: CodePlace }>;

function count(sightings: Sightings, place: CodePlace): void {
  const key = `${place.function}\n${place.file}`;
  const known = sightings.get(key);
  if (known === undefined) sightings.set(key, { times: 1, place });
  else known.times++;
}

function mostFrequent(sightings: Sightings): CodePlace | undefined {
  const [most] = [...sightings.values()].sort((a, b) => b.times - a.times);
  return most?.place;
}
