// `dumpStacksAfter`: the stacks of all threads on standard error when a loop does not turn for too long.
import type { Monitor } from '../instrumentation.js';
import { SETTING } from '../observer/heartbeat.js';
import { numberBetween } from '../option-values.js';
import { LONGEST_STALL_MS } from '../options.js';
import { sharedState } from '../shared-state.js';

const lengthKind = numberBetween(1, LONGEST_STALL_MS, { integer: false });

/**
 * Has the stacks of all threads written to standard error, with what each thread does, when a loop has not turned for
 * `ms` milliseconds, and again after each further `ms` (as `faulthandler.dump_traceback_later` of Python does). Stalls
 * shorter than the threshold of stalls are not seen. Takes effect while Loopsight runs, and counts when called on the main
 * thread; of several requests the shortest counts. Returns its undo. Throws a TypeError when `ms` is no number from 1 to
 * 86400000.
 *
 * @example
 * const undo = dumpStacksAfter(5000);
 * undo();
 */
export function dumpStacksAfter(ms: number): () => void {
  const afterMs = lengthKind.check(ms, 'ms');
  const dumps = dumpRequests();
  const request = { afterMs };
  dumps.requests.add(request);
  dumps.changed?.();
  return () => {
    if (dumps.requests.delete(request)) dumps.changed?.();
  };
}

/** Tells the observer what `dumpStacksAfter` and the option ask for, by the memory that it reads. */
export function startDumpRequests(settings: Float64Array, optionMs: number): Monitor {
  const dumps = dumpRequests();
  const changed = () => {
    const wanted = [...dumps.requests].map(({ afterMs }) => afterMs);
    if (optionMs > 0) wanted.push(optionMs);
    settings[SETTING.dumpAfterMs] = wanted.length === 0 ? 0 : Math.min(...wanted);
  };
  dumps.changed = changed;
  changed();
  return {
    stop() {
      settings[SETTING.dumpAfterMs] = 0;
      if (dumps.changed === changed) delete dumps.changed;
    },
  };
}

function dumpRequests(): NonNullable<ReturnType<typeof sharedState>['dumps']> {
  const state = sharedState();
  state.dumps ??= { requests: new Set() };
  return state.dumps;
}
