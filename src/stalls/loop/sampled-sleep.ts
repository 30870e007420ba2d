// How long a loop slept while a profiler samples its thread. V8's signals end every wait for events early, and libuv counts only
// what followed the last one: an idle loop would look busy, and each long sleep would be a stall.
import { readSchedule } from '../../worker-board/see-threads.js';

/** A stretch between two turns of our timer, in milliseconds. */
export interface SleptStretch {
  readonly fromMs: number;
  /** When the loop was to turn again: it cannot have slept longer than until then. */
  readonly dueMs: number;
  readonly toMs: number;
  /** The sleep that libuv counted. */
  readonly countedMs: number;
}

/** Tells the sleep of a stretch that was not counted, in milliseconds; 0 where nothing samples the thread. */
export type SampledSleep = (stretch: SleptStretch) => number;

export interface SampledSleepOptions {
  readonly isSampled: () => boolean;
  /** Time that the thread ran, or was ready to, so far, in milliseconds; NaN where nobody tells. @default of the calling thread */
  readonly activeMs?: () => number;
}

/**
 * Creates the account of the calling thread's loop. What the thread did not run, it slept, or waited in a synchronous call;
 * the latter counts as sleep until the loop is overdue.
 */
export function createSampledSleep({ isSampled, activeMs = threadActiveMs }: SampledSleepOptions): SampledSleep {
  let wasSampled = false;
  let before = Number.NaN;
  return ({ fromMs, dueMs, toMs, countedMs }) => {
    const isNow = isSampled();
    // The stretch in which sampling began or ended is one, too.
    if (!isNow && !wasSampled) return 0;
    wasSampled = isNow;
    const now = activeMs();
    const ranMs = now - before;
    before = isNow ? now : Number.NaN;
    const sleptMs = Math.min(toMs - fromMs - (Number.isNaN(ranMs) ? 0 : ranMs), dueMs - fromMs);
    return Math.max(0, sleptMs - countedMs);
  };
}

// Elsewhere than on Linux, Node 22.19 and later tell.
function threadActiveMs(): number {
  const schedule = readSchedule('self');
  if (schedule !== undefined) return (schedule.cpuS + schedule.waitS) * 1000;
  const { threadCpuUsage } = process as { readonly threadCpuUsage?: () => { user: number; system: number } };
  if (threadCpuUsage === undefined) return Number.NaN;
  const { user, system } = threadCpuUsage.call(process);
  return (user + system) / 1000;
}
