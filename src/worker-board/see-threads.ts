// How much CPU Linux gave to each thread on the board, also to one that is blocked and tells nothing.
import { readFileSync } from 'node:fs';
import { LOOP, overdueMs } from '../stalls/loop/loop-record.js';
import { BEAT, type Board, SLOT, SLOT_COUNT, slotFloats, slotInts } from './memory.js';

/** A loop that has not turned for longer does not count as turning, in milliseconds. */
export const HELD_MS = 100;

/** CPU time of a thread, and time that it was ready to run and waited for a processor, in seconds. */
export interface ThreadSchedule {
  readonly cpuS: number;
  readonly waitS: number;
}

/** What the scheduler says of a thread by its number of the system; undefined where it says nothing. */
export function readSchedule(systemThread: number | 'self'): ThreadSchedule | undefined {
  const thread = systemThread === 'self' ? '/proc/thread-self' : `/proc/self/task/${systemThread}`;
  try {
    const [cpu = Number.NaN, wait = Number.NaN] = readFileSync(`${thread}/schedstat`, 'latin1').split(' ').map(Number);
    // Kernels without scheduler statistics say 0, sandboxes have no such file.
    return cpu > 0 && wait >= 0 ? { cpuS: cpu / 1e9, waitS: wait / 1e9 } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a thread sleeps, by its number of the system; false where that is not told. */
function isAsleep(systemThread: number): boolean {
  try {
    // The name of the thread stands in parentheses before the state and may hold any character.
    const stat = readFileSync(`/proc/self/task/${systemThread}/stat`, 'latin1');
    return stat.startsWith('S', stat.lastIndexOf(')') + 2);
  } catch {
    return false;
  }
}

/** Writes what the scheduler says of each living thread beside what it told itself. */
export function seeThreads({ ints, floats }: Board, nowMs: number): void {
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const own = slotInts(slot);
    const thread = Atomics.load(ints, own + SLOT.thread);
    if (thread === 0 || Atomics.load(ints, own + SLOT.ended) !== 0) continue;
    const from = slotFloats(slot);
    const systemThread = floats[from + LOOP.systemThread] ?? 0;
    if (systemThread === 0) continue;
    const isHeld = overdueMs(floats.subarray(from), nowMs) >= HELD_MS;
    Atomics.store(ints, own + SLOT.asleep, isHeld && isAsleep(systemThread) ? 1 : 0);
    const schedule = readSchedule(systemThread);
    if (schedule === undefined) continue;
    // The slot may be another thread's meanwhile: whoever reads it looks for whom this was written.
    if (Atomics.load(ints, own + SLOT.seen) !== thread) Atomics.store(ints, own + SLOT.seen, 0);
    else if ((floats[from + BEAT.seenCpu] ?? 0) > schedule.cpuS) continue;
    floats[from + BEAT.seenCpu] = schedule.cpuS;
    floats[from + BEAT.seenCpuWait] = schedule.waitS;
    Atomics.store(ints, own + SLOT.seen, thread);
  }
}
