// Tells of the main loop's spinning, with the code that keeps it turning.
import { type BlameOptions, sightingsOf } from '../blame/blame.js';
import type { CodePlace } from '../blame/stall-report.js';
import { field, LOOP } from '../loop/loop-record.js';
import { readTurnNote } from '../loop/next-turn.js';

/** A spinning loop is told of once a second. */
const TELL_EVERY_MS = 1000;
/** The loop looks for the code once it knows that it spins; the first report waits for that up to this time. */
const PATIENCE_MS = 5000;

/** A stretch in which a loop span. */
export interface SpinReport {
  readonly durationMs: number;
  /** The code that keeps it turning; undefined where that is not known. */
  readonly culprit: CodePlace | undefined;
}

export interface SpinReporterOptions extends BlameOptions {
  readonly record: Float64Array;
  /** Where the loop notes who asks for its turns (next-turn.ts); undefined where nobody is to be blamed. */
  readonly note: Buffer | undefined;
  readonly onSpin: (report: SpinReport) => void;
}

/** Creates the reporter; `look` returns in how many milliseconds it wants to be called again. */
export function createSpinReporter(options: SpinReporterOptions): { look(nowMs: number): number } {
  const { record, note, onSpin } = options;
  let toldMs = 0;

  function culpritOf(sinceMs: number): CodePlace | undefined {
    const frames = note === undefined ? undefined : readTurnNote(note, sinceMs);
    if (frames === undefined) return undefined;
    const captures = [{ askedMs: sinceMs, capture: { atMs: sinceMs, frames, asyncId: 0 } }];
    return sightingsOf({ captures }, options)[0]?.culprit;
  }

  return {
    look(nowMs) {
      const sinceMs = field(record, LOOP.spinning);
      if (sinceMs === 0) {
        toldMs = 0;
        return Number.POSITIVE_INFINITY;
      }
      if (toldMs === 0) toldMs = sinceMs;
      if (nowMs - toldMs >= TELL_EVERY_MS) {
        const culprit = culpritOf(sinceMs);
        const isKnown = culprit !== undefined || note === undefined || nowMs - sinceMs > PATIENCE_MS;
        if (isKnown) {
          onSpin({ durationMs: nowMs - toldMs, culprit });
          toldMs = nowMs;
        }
      }
      return TELL_EVERY_MS / 4;
    },
  };
}
