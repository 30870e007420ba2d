// A spinning loop as one line, once for each culprit in a while.
import type { SpinReport } from '../watch/spin-report.js';

/** The same code is told of once in this time, in milliseconds. */
const TELL_EVERY_MS = 10 * 60_000;
/** A loop that spins for less is told of by metrics alone. */
const TELL_FROM_MS = 5000;

/** Turns reports into lines, or into nothing. */
export function createSpinLog(
  format: 'text' | 'json' | 'off',
): (report: SpinReport, nowMs: number) => string | undefined {
  let spinningMs = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  const toldMs = new Map<string, number>();
  return ({ durationMs, culprit }, nowMs) => {
    if (format === 'off') return undefined;
    // Reports of one stretch follow each other.
    spinningMs = nowMs - lastMs < durationMs * 2 ? spinningMs + durationMs : durationMs;
    lastMs = nowMs;
    const place = culprit === undefined ? undefined : `${culprit.function} (${culprit.file}:${culprit.line})`;
    if (spinningMs < TELL_FROM_MS || nowMs - (toldMs.get(`${place}`) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS)
      return undefined;
    if (toldMs.size > 100) toldMs.clear();
    toldMs.set(`${place}`, nowMs);
    const message = `event loop spins: it never sleeps and has nothing to handle${place === undefined ? '' : `, kept turning by ${place}`}`;
    if (format === 'text') return `loopsight: ${message}`;
    return JSON.stringify({
      timestamp: new Date().toISOString(),
      level: 'warn',
      name: 'loopsight',
      event: 'event_loop.spin',
      message,
      'thread.name': 'main',
      'code.function.name': culprit?.function,
      'code.file.path': culprit?.file,
      'code.line.number': culprit?.line,
    });
  };
}
