// The dearest functions of a tree: the same as the graph, for a table.
import { at, type Tree } from './tree.js';

/** A function with all of its frames. */
export interface Hot {
  readonly code: number;
  readonly self: number;
  /** With what it called; a recursion counts once. */
  readonly total: number;
}

/** Functions with their times, in no order. `self` and `total` are columns of the tree, by default its own. */
export function sumFunctions(
  tree: Tree,
  self: Float64Array = tree.self,
  total: Float64Array = tree.total,
): ReadonlyMap<number, Hot> {
  const found = new Map<number, { code: number; self: number; total: number }>();
  for (let frame = 0; frame < tree.count; frame++) {
    const code = at(tree.code, frame);
    const hot = found.get(code) ?? { code, self: 0, total: 0 };
    found.set(code, hot);
    hot.self += at(self, frame);
    if (!isWithinItself(tree, frame)) hot.total += at(total, frame);
  }
  return found;
}

function isWithinItself({ parent, code }: Tree, frame: number): boolean {
  for (let above = parent[frame] ?? -1; above >= 0; above = parent[above] ?? -1) {
    if (code[above] === code[frame]) return true;
  }
  return false;
}
