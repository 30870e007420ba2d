// One figure of one instance in one block, as the statistics see it.
import type { Block } from '../observations.js';
import type { Measure } from './measures.js';

/** A block's figure: logarithms of the load and of the measure. */
export interface Point {
  readonly instance: string;
  readonly startS: number;
  /** ln(requests per second). */
  readonly load: number;
  /** ln(measure + floor). */
  readonly level: number;
}

/** What a level stands for, in the measure's unit: nothing at all is 0, not what rounding makes of it. */
export function valueAt(level: number, { floor }: Measure): number {
  const value = Math.exp(level) - floor;
  return value < floor * 1e-9 ? 0 : value;
}

/** The points of the blocks that have enough of what is measured. */
export function pointsOf(blocks: readonly Block[], { read, floor }: Measure): Point[] {
  const points: Point[] = [];
  for (const block of blocks) {
    const value = read(block);
    if (value === undefined || block.requests <= 0) continue;
    const level = Math.log(value + floor);
    if (!Number.isFinite(level)) continue;
    const load = Math.log(block.requests / block.durationS);
    points.push({ instance: block.instance, startS: block.startS, load, level });
  }
  return points;
}
