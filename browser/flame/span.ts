// The part of the graph that is in sight, from left to right, and how it moves.

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The narrowest part that can be looked at, beside the whole. */
const CLOSEST = 1e-7;

/** Keeps a span within the graph, no closer than it can be looked at. */
export function clamped({ from, to }: Span, extent: number): Span {
  const width = Math.min(Math.max(to - from, extent * CLOSEST), extent);
  const left = Math.min(Math.max(from, 0), extent - width);
  return { from: left, to: left + width };
}

/** Nearer (`factor` < 1) or farther, while what is at `x` stays where it is. */
export function zoomed({ from, to }: Span, x: number, factor: number, extent: number): Span {
  return clamped({ from: x - (x - from) * factor, to: x + (to - x) * factor }, extent);
}

/** The span between two, `done` from 0 to 1. */
export function between(one: Span, other: Span, done: number): Span {
  const eased = 1 - (1 - done) ** 3;
  return { from: one.from + (other.from - one.from) * eased, to: one.to + (other.to - one.to) * eased };
}
