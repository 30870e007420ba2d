// What has been given to the pool so far, in memory that the observer shares: a probe must not be what starts the pool.
import type { PoolLane } from './pool-requests.js';

/** One number for each lane, not 0 once the lane has been used. */
export type PoolUse = Int32Array<SharedArrayBuffer>;

const PLACE: Readonly<Record<PoolLane, number>> = { default: 0, slow_io: 1 };

/** Opens the memory of another thread, or creates it. */
export function openPoolUse(
  buffer: SharedArrayBuffer = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT),
): PoolUse {
  return new Int32Array(buffer);
}

/** Notes that the lane has been used. */
export function markUsed(use: PoolUse, lane: PoolLane): void {
  if (Atomics.load(use, PLACE[lane]) === 0) Atomics.store(use, PLACE[lane], 1);
}

/** Whether the lane has been used, by requests that were seen. */
export function isUsed(use: PoolUse, lane: PoolLane): boolean {
  return Atomics.load(use, PLACE[lane]) !== 0;
}
