// In a worker: its CPU time, heap and garbage collections, told to the board now and then, so that it is known while it is blocked.
// Small, because it is loaded into every worker thread; what costs is begun when the thread has turned a few times.
import { COUNTED, countDuration, GC_TYPES } from '../../src/worker-board/counted.js';
import { BEAT, type Board, HEAD, HEAP_SPACE_COUNT, slotFloats } from '../../src/worker-board/memory.js';
import { readSchedule } from '../../src/worker-board/see-threads.js';

/** The figures are told this often, in milliseconds. */
const TELL_EVERY_MS = 1000;

/** What a worker tells of itself. */
export interface OwnFigures {
  /** The loop turns at `nowMs`. */
  turn(nowMs: number): void;
  /**
   * The thread leaves its loop at `nowMs`, perhaps for good: until it turns again no collections are counted. Node keeps each
   * of them for the next turn, so that those of a worker that runs task after task outside of its loop would fill its memory.
   */
  left(nowMs: number): void;
  /** The thread ends: tells its CPU time for the last time. */
  end(): void;
  stop(): void;
}

interface Collected {
  readonly duration: number;
  readonly detail?: { readonly kind?: number };
}

/** Starts telling the figures of this thread in its slot of `board`. */
export function createOwnFigures({ ints, floats }: Board, slot: number): OwnFigures {
  const numbers = floats.subarray(slotFloats(slot));
  const counted = numbers.subarray(BEAT.counted);
  let toldMs = Number.NEGATIVE_INFINITY;
  let collections: { disconnect(): void } | undefined;
  let countingMs = Number.NEGATIVE_INFINITY;

  function tellCpu(): void {
    const { cpuS, waitS } = readSchedule('self') ?? usageOfThread();
    if (cpuS > 0) counted[COUNTED.cpu] = cpuS;
    if (waitS > 0) counted[COUNTED.cpuWait] = waitS;
  }

  function tellHeap(): void {
    const v8 = process.getBuiltinModule('node:v8');
    for (const [index, { space_used_size: used }] of v8.getHeapSpaceStatistics().entries()) {
      if (index < HEAP_SPACE_COUNT) numbers[BEAT.heapSpaces + index] = used;
    }
    numbers[BEAT.heapLimit] = v8.getHeapStatistics().heap_size_limit;
  }

  function forgetCollections(): void {
    collections?.disconnect();
    collections = undefined;
  }

  function tell(nowMs: number): void {
    if (nowMs - toldMs < TELL_EVERY_MS) return;
    toldMs = nowMs;
    tellCpu();
    tellHeap();
  }

  return {
    turn(nowMs) {
      tell(nowMs);
      if (collections !== undefined || nowMs - countingMs < TELL_EVERY_MS) return;
      countingMs = nowMs;
      if (Atomics.load(ints, HEAD.collections) !== 0) collections = countCollections(counted);
    },
    left(nowMs) {
      tell(nowMs);
      forgetCollections();
    },
    end: tellCpu,
    stop: forgetCollections,
  };
}

function countCollections(counted: Float64Array): { disconnect(): void } {
  const { PerformanceObserver, constants } = process.getBuiltinModule('node:perf_hooks');
  const types = new Map<number, (typeof GC_TYPES)[number]>([
    [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
    [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
    // V8's own kind 2 (a minor collection by mark and sweep) has no constant in Node.
    [2, 'minor'],
    [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
    [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
  ]);
  const observer = new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries() as readonly Collected[]) {
      const type = types.get(detail?.kind ?? Number.NaN);
      if (type !== undefined) countDuration(counted, COUNTED.collections(GC_TYPES.indexOf(type)), duration / 1000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return observer;
}

// Node 22.19, 23.9 and later, where the scheduler says nothing.
function usageOfThread(): { cpuS: number; waitS: number } {
  const { threadCpuUsage } = process as { readonly threadCpuUsage?: () => { user: number; system: number } };
  if (threadCpuUsage === undefined) return { cpuS: 0, waitS: 0 };
  const { user, system } = threadCpuUsage.call(process);
  return { cpuS: (user + system) / 1e6, waitS: 0 };
}
