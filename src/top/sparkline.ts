// Graphs of one line: a column for each window, the latest at the right.
import type { Piece, Style } from './styled-text.js';

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const ASCII = ['_', '.', ':', '-', '=', '+', '*', '#'] as const;
const LEVELS = BLOCKS.length;

/** A lag from which a column is a step higher, in milliseconds: what is felt lies between 1 ms and 10 s. */
const LAG_STEPS_MS = [2, 5, 10, 50, 100, 500, 2000] as const;
const LAG_WARN_MS = 50;
const LAG_BAD_MS = 100;
const BUSY_WARN = 0.7;
const BUSY_BAD = 0.9;

/** One window of a graph; undefined where nothing is known of it. */
export type Point = number | undefined;

/** Lags in milliseconds, in steps that grow. */
export function lagGraph(points: readonly Point[], width: number, unicode: boolean): Piece[] {
  return graph(points, width, unicode, (lagMs) => LAG_STEPS_MS.filter((step) => lagMs >= step).length, lagStyle);
}

/** Shares from 0 to 1. */
export function utilizationGraph(points: readonly Point[], width: number, unicode: boolean): Piece[] {
  const level = (share: number) => Math.min(LEVELS - 1, Math.max(0, Math.floor(share * LEVELS)));
  return graph(points, width, unicode, level, utilizationStyle);
}

/** How a lag in milliseconds looks. */
export function lagStyle(lagMs: number): Style {
  return lagMs >= LAG_BAD_MS ? 'bad' : lagMs >= LAG_WARN_MS ? 'warn' : 'good';
}

/** How a utilization from 0 to 1 looks. */
export function utilizationStyle(share: number): Style {
  return share >= BUSY_BAD ? 'bad' : share >= BUSY_WARN ? 'warn' : 'good';
}

function graph(
  points: readonly Point[],
  width: number,
  unicode: boolean,
  levelOf: (value: number) => number,
  styleOf: (value: number) => Style,
): Piece[] {
  const marks = unicode ? BLOCKS : ASCII;
  const shown = width <= 0 ? [] : points.slice(-width);
  const pieces: Piece[] = [[' '.repeat(Math.max(0, width - shown.length)), 'plain']];
  for (const value of shown) {
    if (value === undefined) pieces.push([' ', 'plain']);
    else pieces.push([marks[levelOf(value)] ?? ' ', styleOf(value)]);
  }
  return pieces;
}
