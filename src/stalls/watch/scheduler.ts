// How Linux' scheduler treats a thread of this process, read by the observer while the thread is blocked.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { SchedulerSample } from '../blame/evidence.js';

/** Reads one thread, from one call to the next. */
export interface SchedulerWatch {
  /** What happened since the last call, with the state of the thread if asked; undefined where the system does not tell. */
  sample(nowMs: number, withState: boolean): SchedulerSample | undefined;
  /** Like `sample` where nobody wants to know: only the next one begins here. */
  skip?(nowMs: number): void;
  /** Closes what is kept open between samples. */
  close?(): void;
}

/** Creates the watch of the thread with this number of the system; says nothing where there is no /proc. */
export function watchScheduler(systemThread: number): SchedulerWatch {
  const file = openTimes(systemThread);
  // Read at each look at an idle loop: from a file that stays open, and understood only where it matters, it costs a fifth.
  const line = Buffer.alloc(64);
  let atMs = Number.NaN;
  const read = (nowMs: number): void => {
    atMs = readLine(file, line) ? nowMs : Number.NaN;
  };
  const parse = () => (Number.isNaN(atMs) ? undefined : parseTimes(line));

  return {
    sample(nowMs, withState) {
      const before = parse();
      const wallMs = nowMs - atMs;
      read(nowMs);
      const times = parse();
      if (times === undefined || before === undefined) return undefined;
      const state = withState ? readState(systemThread) : '';
      return {
        wallMs,
        cpuMs: times.cpuMs - before.cpuMs,
        runQueueMs: times.runQueueMs - before.runQueueMs,
        state,
        waitsIn: state === 'R' || state === '' ? '' : readText(systemThread, 'wchan').replace(/^0$/, ''),
      };
    },
    skip: read,
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

function openTimes(thread: number): number | undefined {
  try {
    return openSync(`/proc/self/task/${thread}/schedstat`, 'r');
  } catch {
    return undefined;
  }
}

function readLine(file: number | undefined, line: Buffer): boolean {
  try {
    return file !== undefined && readSync(file, line, 0, line.length, 0) > 0;
  } catch {
    // The thread has ended.
    return false;
  }
}

function parseTimes(line: Buffer): { cpuMs: number; runQueueMs: number } | undefined {
  const [cpu = Number.NaN, runQueue = Number.NaN] = line.toString('latin1').split(' ').map(Number);
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
