// The workers that share a name, as one set of series: counters include members that ended, gauges only the living.
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundSum, Recorder } from '../../src/recorder/recorder.js';
import { errorTypeOf, OTHER_ERROR_TYPE } from '../traced/error-type.js';
import { addLoopTimes, type LoopUsage, utilizationOf } from './loop-usage.js';

// Exit codes are the application's to choose; beyond this number of distinct ones a code is `other`.
const EXIT_CODE_LIMIT = 20;
// Classes of errors are the application's to name.
const ERROR_TYPE_LIMIT = 10;
// Node's code for a heap that reached its limit; its class would be `Error`.
const OUT_OF_MEMORY = 'ERR_WORKER_OUT_OF_MEMORY';

/** Workers of one name. */
export interface ThreadGroup {
  /** A worker of this name runs. */
  join(usage: LoopUsage): void;
  /** A worker of this name ended. */
  leave(usage: LoopUsage, exitCode: string): void;
  /** A worker of this name ends because of `error`. */
  failed(error: unknown): void;
  /** Sets the series to what the members have used. */
  observe(): void;
  /** Gives the series back. */
  release(): void;
}

/** Creates the group of `threadName` with its series in `recorder`. */
export function createThreadGroup(recorder: Recorder, threadName: string): ThreadGroup {
  const attributes = { [ATTRIBUTES.threadName]: threadName };
  const timeIn = (state: string) =>
    recorder.observation(METRICS.eventLoopTime, { ...attributes, [ATTRIBUTES.eventLoopState]: state });
  const active = timeIn('active');
  const idle = timeIn('idle');
  const utilization = recorder.observation(METRICS.eventLoopUtilization, attributes);
  const workers = recorder.observation(METRICS.workers, attributes);
  const exits = new Map<string, BoundSum>();
  const errors = new Map<string, BoundSum>();
  const living = new Set<LoopUsage>();
  let ended = { activeMs: 0, idleMs: 0 };

  function exitsWith(code: string): BoundSum {
    const known = exits.get(code);
    if (known !== undefined) return known;
    if (exits.size >= EXIT_CODE_LIMIT && code !== 'other') return exitsWith('other');
    const sum = recorder.sum(METRICS.workerExits, { ...attributes, [ATTRIBUTES.exitCode]: code });
    exits.set(code, sum);
    return sum;
  }

  function errorsOf(type: string): BoundSum {
    const known = errors.get(type);
    if (known !== undefined) return known;
    if (errors.size >= ERROR_TYPE_LIMIT && type !== OTHER_ERROR_TYPE) return errorsOf(OTHER_ERROR_TYPE);
    const sum = recorder.sum(METRICS.workerErrors, { ...attributes, [ATTRIBUTES.errorType]: type });
    errors.set(type, sum);
    return sum;
  }
  // From 0 on, so that the first one is an increase.
  for (const code of ['0', '1']) exitsWith(code);
  errorsOf(OUT_OF_MEMORY);

  return {
    join(usage) {
      living.add(usage);
    },
    leave(usage, exitCode) {
      if (!living.delete(usage)) return;
      ended = addLoopTimes([ended, usage.total]);
      exitsWith(exitCode).add(1);
    },
    failed(error) {
      errorsOf(isOutOfMemory(error) ? OUT_OF_MEMORY : errorTypeOf(error)).add(1);
    },
    observe() {
      const members = [...living];
      const total = addLoopTimes([ended, ...members.map((usage) => usage.total)]);
      active.set(total.activeMs / 1000);
      idle.set(total.idleMs / 1000);
      utilization.set(utilizationOf(addLoopTimes(members.map((usage) => usage.recent()))));
      workers.set(living.size);
    },
    release() {
      for (const series of [active, idle, utilization, workers, ...exits.values(), ...errors.values()])
        series.release();
    },
  };
}

function isOutOfMemory(error: unknown): boolean {
  try {
    return (error as { readonly code?: unknown } | null | undefined)?.code === OUT_OF_MEMORY;
  } catch {
    return false;
  }
}
