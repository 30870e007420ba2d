// How Linux' scheduler treats a thread of this process, read by the observer while the thread is blocked.
import { readFileSync } from 'node:fs';
import type { SchedulerSample } from './evidence.js';

/** Reads one thread, from one call to the next. */
export interface SchedulerWatch {
  /** What happened since the last call, with the state of the thread if asked; undefined where the system does not tell. */
  sample(nowMs: number, withState: boolean): SchedulerSample | undefined;
}

/** Creates the watch of the thread with this number of the system; says nothing where there is no /proc. */
export function watchScheduler(systemThread: number): SchedulerWatch {
  let last: { readonly atMs: number; readonly cpuMs: number; readonly runQueueMs: number } | undefined;
  return {
    sample(nowMs, withState) {
      const times = readTimes(systemThread);
      const before = last;
      last = times === undefined ? undefined : { atMs: nowMs, ...times };
      if (times === undefined || before === undefined) return undefined;
      const state = withState ? readState(systemThread) : '';
      return {
        wallMs: nowMs - before.atMs,
        cpuMs: times.cpuMs - before.cpuMs,
        runQueueMs: times.runQueueMs - before.runQueueMs,
        state,
        waitsIn: state === 'R' || state === '' ? '' : readText(systemThread, 'wchan').replace(/^0$/, ''),
      };
    },
  };
}

function readTimes(thread: number): { cpuMs: number; runQueueMs: number } | undefined {
  const [cpu = Number.NaN, runQueue = Number.NaN] = readText(thread, 'schedstat').split(' ').map(Number);
  // Kernels without scheduler statistics say 0, sandboxes have no such file.
  return cpu > 0 && !Number.isNaN(runQueue) ? { cpuMs: cpu / 1e6, runQueueMs: runQueue / 1e6 } : undefined;
}

// The name of the thread stands in parentheses before the state and may hold any character.
function readState(thread: number): string {
  return /^\) ([A-Za-z])/.exec(readText(thread, 'stat').replace(/^.*(?=\) [A-Za-z] )/s, ''))?.[1] ?? '';
}

function readText(thread: number, file: string): string {
  try {
    return readFileSync(`/proc/self/task/${thread}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
