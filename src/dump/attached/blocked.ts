// A dump of a process whose main thread does not answer, and with it nobody: what the system tells.
import { setTimeout as delay } from 'node:timers/promises';
import { childrenOf, watchThread } from '../../attach/system-threads.js';
import type { Clock } from '../../clock.js';
import type { Dump } from '../dump.js';
import { describeThreads, type PlaceOptions } from '../thread-state.js';

const WATCH_MS = 100;

/** Takes the dump. */
export async function dumpBlocked(pid: number, options: PlaceOptions & { readonly clock: Clock }): Promise<Dump> {
  const unixMs = options.clock.unixMs();
  const sample = watchThread(pid, pid);
  await delay(WATCH_MS);
  const [main] = describeThreads(
    [{ thread: 'main', threadId: 0, blockedMs: Number.NaN, seen: 'answer', scheduler: sample() }],
    false,
    options,
  );
  const children = childrenOf(pid, pid);
  return {
    pid,
    unixMs,
    threads: main === undefined ? [] : [{ ...main, ...(children.length === 0 ? {} : { children }) }],
    notes: [
      'The stack and the workers can be had when the main thread goes on, and --wait waits for that. The inspector, which opens then, is closed again.',
    ],
  };
}
