// What a thread counts on the board: one row of numbers, which adds up over the threads of a name when they end.
import { LATENCY_BOUNDS_S } from '../metric-names.js';

/** Values of one histogram: the count of each bucket, then the sum in seconds. */
export const HISTOGRAM_LENGTH = LATENCY_BOUNDS_S.length + 2;

/** The directions of messages, by their number on the board. */
export const DIRECTIONS = ['to_worker', 'from_worker'] as const;
/** The types of garbage collections, by their number on the board. */
export const GC_TYPES = ['major', 'minor', 'incremental', 'weakcb'] as const;

const WAITS_AT = (1 + GC_TYPES.length) * HISTOGRAM_LENGTH;
const SUMS_AT = WAITS_AT + DIRECTIONS.length * HISTOGRAM_LENGTH;

/** Where things begin in the row. CPU times are what the thread told of itself, in seconds; NaN is never written. */
export const COUNTED = {
  lag: 0,
  collections: (type: number): number => (1 + type) * HISTOGRAM_LENGTH,
  messageWaits: (direction: number): number => WAITS_AT + direction * HISTOGRAM_LENGTH,
  messageErrors: (direction: number): number => SUMS_AT + direction,
  cpu: SUMS_AT + DIRECTIONS.length,
  cpuWait: SUMS_AT + DIRECTIONS.length + 1,
  /** Sleep that libuv did not count (src/lost-sleep.ts), in milliseconds. */
  lostSleep: SUMS_AT + DIRECTIONS.length + 2,
} as const;
export const COUNTED_LENGTH = COUNTED.lostSleep + 1;

/** Adds one duration in seconds to the histogram that begins at `from` in `values`. */
export function countDuration(values: Float64Array, from: number, seconds: number): void {
  let bucket = 0;
  while (seconds > (LATENCY_BOUNDS_S[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
  values[from + bucket] = (values[from + bucket] ?? 0) + 1;
  const sum = from + HISTOGRAM_LENGTH - 1;
  values[sum] = (values[sum] ?? 0) + seconds;
}

/** Adds one to the number at `at`. */
export function countOne(values: Float64Array, at: number): void {
  values[at] = (values[at] ?? 0) + 1;
}
