// What the system does with the threads of another process, from /proc.
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { ChildProcess } from '../dump/dump.js';
import { bounded } from '../stalls/blame/code-names.js';
import type { SchedulerSample } from '../stalls/blame/evidence.js';
import { readText } from './process-facts.js';

/** The threads of the process, by their numbers of the system; the main one has the number of the process. */
export function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** What the system calls the thread; at most 15 characters. */
export const threadName = (pid: number, tid: number): string => readText(pid, `task/${tid}/comm`).trimEnd();

/** The processes that the thread has started and that still are. */
export function childrenOf(pid: number, tid: number): ChildProcess[] {
  const ids = readText(pid, `task/${tid}/children`).split(' ').map(Number).filter(Boolean);
  return ids.map((child) => {
    const [command = ''] = readText(child, 'cmdline').split('\0');
    return { pid: child, command: bounded(basename(command)) || bounded(readText(child, 'comm').trimEnd()) };
  });
}

/** R, S, D and so on; empty where the thread has ended. */
export function stateOf(pid: number, tid: number): string {
  const stat = readText(pid, `task/${tid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
}

/** The kernel's function that a thread sleeps in; empty where it does not, or that may not be known. */
export const waitsIn = (pid: number, tid: number): string => readText(pid, `task/${tid}/wchan`).replace(/^0$/, '');

/** Watches the thread from now on; the sample says what it did since. Undefined where the system does not tell. */
export function watchThread(pid: number, tid: number): () => SchedulerSample | undefined {
  const before = timesOf(pid, tid);
  const startMs = performance.now();
  return () => {
    const after = timesOf(pid, tid);
    if (before === undefined || after === undefined) return undefined;
    const state = stateOf(pid, tid);
    return {
      wallMs: performance.now() - startMs,
      cpuMs: after.cpuMs - before.cpuMs,
      runQueueMs: after.runQueueMs - before.runQueueMs,
      state,
      waitsIn: state === 'R' || state === '' ? '' : waitsIn(pid, tid),
    };
  };
}

function timesOf(pid: number, tid: number): { readonly cpuMs: number; readonly runQueueMs: number } | undefined {
  const [cpu = Number.NaN, runQueue = Number.NaN] = readText(pid, `task/${tid}/schedstat`).split(' ').map(Number);
  // Kernels without scheduler statistics say 0, sandboxes have no such file.
  return cpu > 0 && !Number.isNaN(runQueue) ? { cpuMs: cpu / 1e6, runQueueMs: runQueue / 1e6 } : undefined;
}
