// measureFunctions(): where the time of traced functions goes from now on, exactly.
import { systemClock } from '../../../src/clock.js';
import { reportFailure } from '../../../src/diagnostics.js';
import { numberBetween, unexpected } from '../../../src/option-values.js';
import type { OpenCall } from './measured-call.js';
import { scheduleOf } from './schedule.js';

/** Longer than anybody should pay for it, in milliseconds. */
const LONGEST_MS = 600_000;
const DURATION = numberBetween(1, LONGEST_MS, { integer: false });

export interface MeasureFunctionsOptions {
  /** How long calls that begin are measured, in milliseconds, up to 10 minutes; those that last are followed for 1 s more. */
  readonly forMs: number;
}

/** Where the time of the measured calls of one function went, in milliseconds: own + others + idle is wall. */
export interface MeasuredFunction {
  readonly name: string;
  readonly calls: number;
  /** Those of the calls that went on when measuring ended, of which the time up to then is in the sums. */
  readonly unfinished: number;
  /** Duration of the calls. */
  readonly wallMs: number;
  /** Time on the loop for them, including what they called and awaited. */
  readonly ownMs: number;
  /** Time in which the loop was busy with anything else. */
  readonly othersMs: number;
  /** Time in which the loop was idle. */
  readonly idleMs: number;
  /** Time in which threads or child processes worked for them; it overlaps the other three. */
  readonly offloadedMs: number;
}

/**
 * Measures every call of traced functions that begins within `forMs` exactly, and resolves with the sums by function, the one
 * with the most own time first. While it runs, each promise of the process takes several times as long, and the process lives.
 * A second request ends the first, which then resolves with what it has. Throws a TypeError for a bad `forMs`.
 *
 * @example
 * const functions = await measureFunctions({ forMs: 100 });
 * for (const { name, calls, ownMs } of functions) console.log(`${name}: ${calls} calls, ${ownMs} ms of their own`);
 */
export function measureFunctions(options: MeasureFunctionsOptions): Promise<readonly MeasuredFunction[]> {
  if (typeof options !== 'object' || options === null) throw unexpected('options', 'an object', options);
  const forMs = DURATION.check(options.forMs, 'forMs');
  const schedule = scheduleOf({ clock: systemClock, report: reportFailure });
  const undoUse = schedule.use('on-demand');
  const functions = new Map<string, { -readonly [K in keyof MeasuredFunction]: MeasuredFunction[K] }>();

  function onCall({ call, ownMs, offloadedMs }: OpenCall, wallMs: number, idleMs: number, isCut: boolean): void {
    const name = call.functionName;
    let sums = functions.get(name);
    if (sums === undefined) {
      sums = { name, calls: 0, unfinished: 0, wallMs: 0, ownMs: 0, othersMs: 0, idleMs: 0, offloadedMs: 0 };
      functions.set(name, sums);
    }
    const own = Math.min(ownMs, wallMs);
    sums.calls++;
    if (isCut) sums.unfinished++;
    sums.wallMs += wallMs;
    sums.ownMs += own;
    sums.idleMs += idleMs;
    sums.othersMs += Math.max(0, wallMs - idleMs - own);
    sums.offloadedMs += Math.min(offloadedMs, wallMs);
  }

  return new Promise((resolve) => {
    schedule.measure(forMs, {
      onCall,
      onEnd() {
        undoUse();
        resolve([...functions.values()].sort((a, b) => b.ownMs - a.ownMs));
      },
    });
  });
}
