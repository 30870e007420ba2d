// Names what makes a loop spin: looks at its stack now and then, while it spins.
import { type BlameOptions, sightingsOf } from '../blame/blame.js';
import type { TimedCapture } from '../blame/evidence.js';
import { readFrames } from '../blame/frames.js';
import type { CodePlace } from '../blame/stall-report.js';
import { field, LOOP } from '../loop/loop-record.js';
import type { Capturer } from './capturer.js';

/** A spinning loop is told of once a second. */
const TELL_EVERY_MS = 1000;
/** Most looks meet Node's own code between two callbacks; so many are taken for one that meets the application. */
const LOOKS_PER_REPORT = 60;
const LOOK_EVERY_MS = 10;
/** Once the code is known, it is looked for again this often. */
const KNOWN_FOR_MS = 30_000;

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
      const isUsers = readFrames(answer.frames).some(({ origin }) => origin === 'application' || origin === 'package');
      const [sighting] = isUsers ? sightingsOf({ captures: [taken] }, options) : [];
      if (sighting === undefined) return;
      culprit = sighting.culprit;
      knownUntilMs = nowMs + KNOWN_FOR_MS;
    });
    if (isAsking) giveUp = cancel;
  }

  return {
    look(nowMs) {
      const sinceMs = field(record, LOOP.spinning);
      if (sinceMs === 0) {
        toldMs = 0;
        culprit = undefined;
        knownUntilMs = 0;
        looks = 0;
        return Number.POSITIVE_INFINITY;
      }
      if (toldMs === 0) toldMs = sinceMs;
      const wantsLook = nowMs > knownUntilMs && looks < LOOKS_PER_REPORT && capture !== undefined;
      if (wantsLook) ask(nowMs);
      if (nowMs - toldMs >= TELL_EVERY_MS && !(wantsLook && culprit === undefined)) {
        onSpin({ durationMs: nowMs - toldMs, culprit });
        toldMs = nowMs;
        looks = 0;
      }
      // Not at fixed distances: what spins has a rhythm of its own.
      return wantsLook ? LOOK_EVERY_MS * (0.5 + Math.random()) : TELL_EVERY_MS;
    },
    stop() {
      giveUp?.();
    },
  };
}
