// Where the keys lead to from a frame, and which frame is where.
import { at, type Tree } from './tree.js';

export type Direction = 'parent' | 'child' | 'previous' | 'next';

/** The frame beside `frame`; the same one where there is none. */
export function neighbour(tree: Tree, frame: number, direction: Direction): number {
  if (direction === 'parent') return at(tree.parent, frame) >= 0 ? at(tree.parent, frame) : frame;
  const depth = at(tree.depth, frame);
  if (direction === 'child') return widestChild(tree, frame) ?? frame;
  const row = tree.rows[depth] ?? new Int32Array();
  const place = firstAfter(tree, row, at(tree.start, frame), frame);
  return row[direction === 'next' ? place + 1 : place - 1] ?? frame;
}

function widestChild(tree: Tree, frame: number): number | undefined {
  const row = tree.rows[at(tree.depth, frame) + 1] ?? new Int32Array();
  let widest: number | undefined;
  for (let place = firstEndingAfter(tree, row, at(tree.start, frame)); place < row.length; place++) {
    const child = row[place] ?? 0;
    if (at(tree.start, child) >= at(tree.start, frame) + at(tree.total, frame)) break;
    if (tree.parent[child] !== frame) continue;
    if (widest === undefined || at(tree.total, child) > at(tree.total, widest)) widest = child;
  }
  return widest;
}

function firstAfter(tree: Tree, row: Int32Array, start: number, frame: number): number {
  let place = firstEndingAfter(tree, row, start);
  while (place < row.length && row[place] !== frame) place++;
  return place;
}

/** The place in a row of the first frame that ends after `x`. */
export function firstEndingAfter({ start, total }: Tree, row: Int32Array, x: number): number {
  let low = 0;
  let high = row.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const frame = row[middle] ?? 0;
    if (at(start, frame) + at(total, frame) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The frame at `x` in the row of `depth`. */
export function frameAt(tree: Tree, depth: number, x: number): number | undefined {
  const row = tree.rows[depth];
  if (row === undefined) return undefined;
  const frame = row[firstEndingAfter(tree, row, x)];
  return frame !== undefined && at(tree.start, frame) <= x ? frame : undefined;
}

/** The callers of a frame, the lowest first, and the frame itself. */
export function pathTo(tree: Tree, frame: number): readonly number[] {
  const path: number[] = [];
  for (let above = frame; above >= 0; above = tree.parent[above] ?? -1) path.unshift(above);
  return path;
}
