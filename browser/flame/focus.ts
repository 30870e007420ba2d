// One function and nothing else: all that it calls, or all that call it, from wherever in the tree it is.
import type { Code } from './codes.js';
import { at, createTreeBuilder, layOut, type Tree } from './tree.js';

/** The tree of calls with `focus` at its bottom. A recursion stays within its outermost call, so that it counts once. */
export function focusOn(calls: Tree, codes: readonly Code[], focus: number, view: 'calls' | 'callers'): Tree {
  const builder = createTreeBuilder(codes.length);
  const bottom = builder.at(-1, focus);
  const frames = new Int32Array(calls.count).fill(-1);
  for (let frame = 0; frame < calls.count; frame++) {
    const parent = calls.parent[frame] ?? -1;
    const above = parent < 0 ? -1 : (frames[parent] ?? -1);
    const code = at(calls.code, frame);
    const isOutermost = above === -1 && code === focus;
    if (view === 'calls') {
      if (isOutermost) frames[frame] = bottom;
      else if (above !== -1) frames[frame] = builder.at(above, code);
      if ((frames[frame] ?? -1) !== -1) builder.add(frames[frame] ?? 0, at(calls.self, frame));
    } else if (isOutermost || above !== -1) {
      frames[frame] = bottom;
      if (isOutermost) addCallers(builder, calls, codes, parent, bottom, at(calls.total, frame));
    }
  }
  return layOut(builder);
}

function addCallers(
  builder: ReturnType<typeof createTreeBuilder>,
  calls: Tree,
  codes: readonly Code[],
  caller: number,
  bottom: number,
  total: number,
): void {
  let frame = bottom;
  for (let above = caller; above >= 0; above = calls.parent[above] ?? -1) {
    const code = at(calls.code, above);
    if (codes[code]?.origin !== 'thread') frame = builder.at(frame, code);
  }
  builder.add(frame, total);
}
