// The ways to look at a profile: who calls what, who is called by whom, and what ran when.
import type { FlameData, FlameThread } from '../../src/profile/flame/flame-data.js';
import type { Code } from './codes.js';
import { at, createTreeBuilder, layOut, type Tree, type TreeBuilder } from './tree.js';

export type ViewName = 'calls' | 'callers' | 'time';

export interface ViewOptions {
  /** Places of the threads that are shown. */
  readonly threads: ReadonlySet<number>;
  /** Whether the time of Node's own functions counts as their callers'. */
  readonly foldNode: boolean;
}

/** Frames of functions below their callers, equal ones as one. */
export function viewCalls(data: FlameData, codes: readonly Code[], options: ViewOptions): Tree {
  return layOut(collectCalls(data, codes, options));
}

/** The same as a tree that is not laid out yet; `only` some threads. */
export function collectCalls(data: FlameData, codes: readonly Code[], { threads, foldNode }: ViewOptions): TreeBuilder {
  const builder = createTreeBuilder(codes.length);
  const shown = [...threads].filter((place) => data.threads[place] !== undefined);
  const root = shown.length === 1 ? -1 : builder.at(-1, codes.length - 1);
  for (const place of shown) {
    const thread = data.threads[place];
    if (thread === undefined) continue;
    const bottom = builder.at(root, data.functions.names.length + place);
    const frames = new Int32Array(thread.parents.length);
    thread.parents.forEach((parent, node) => {
      const above = parent < 0 ? bottom : at(frames, parent);
      const code = thread.functions[node] ?? 0;
      const hidden = node === 0 || isHidden(codes[code], foldNode);
      frames[node] = hidden ? above : builder.at(above, code);
      if (codes[code]?.origin !== 'idle') builder.add(at(frames, node), thread.selfUs[node] ?? 0);
    });
  }
  return builder;
}

function isHidden(code: Code | undefined, foldNode: boolean): boolean {
  return code === undefined || code.origin === 'idle' || (foldNode && code.origin === 'node');
}

/** Functions with their own time at the bottom, and above each those that called it. */
export function viewCallers(calls: Tree, codes: readonly Code[]): Tree {
  const builder = createTreeBuilder(codes.length);
  const everything = codes.length - 1;
  const root = builder.at(-1, everything);
  for (let leaf = 0; leaf < calls.count; leaf++) {
    const self = at(calls.self, leaf);
    if (self <= 0) continue;
    let frame = root;
    for (let node = leaf; node >= 0; node = calls.parent[node] ?? -1) {
      const code = at(calls.code, node);
      if (codes[code]?.origin !== 'thread') frame = builder.at(frame, code);
    }
    builder.add(frame, self);
  }
  return layOut(builder);
}

/** What ran when, one thread below the other; idle time is left empty. */
export function viewTime(data: FlameData, codes: readonly Code[], { threads, foldNode }: ViewOptions): Tree {
  const builder = createTreeBuilder(codes.length);
  let lane = 0;
  for (const place of threads) {
    const thread = data.threads[place];
    if (thread === undefined) continue;
    lane = addLane(builder, thread, codes, data.functions.names.length + place, lane, foldNode) + 1;
  }
  return layOut(builder, true);
}

// Returns the first row that is free.
function addLane(
  builder: TreeBuilder,
  { runs, parents, functions, startUs }: FlameThread,
  codes: readonly Code[],
  threadCode: number,
  lane: number,
  foldNode: boolean,
): number {
  const paths = new Map<number, readonly number[]>();
  const pathOf = (node: number): readonly number[] => {
    const known = paths.get(node);
    if (known !== undefined) return known;
    const parent = parents[node] ?? -1;
    const above = parent < 0 ? [] : pathOf(parent);
    const code = functions[node] ?? -1;
    const path = node === 0 || isHidden(codes[code], foldNode) ? above : [...above, code];
    paths.set(node, path);
    return path;
  };

  const bottom = builder.append(-1, threadCode, lane, startUs);
  let open: { readonly code: number; readonly frame: number }[] = [];
  let now = startUs;
  let deepest = lane;
  for (let run = 0; run < runs.length; run += 2) {
    const us = runs[run + 1] ?? 0;
    const path = pathOf(runs[run] ?? 0);
    const same = path.findIndex((code, step) => open[step]?.code !== code);
    open = open.slice(0, same === -1 ? path.length : same);
    for (const code of path.slice(open.length)) {
      const depth = lane + open.length + 1;
      deepest = Math.max(deepest, depth);
      open.push({ code, frame: builder.append(open.at(-1)?.frame ?? bottom, code, depth, now) });
    }
    // Idle time is the thread's, so that a lane is as long as what was recorded.
    builder.add(open.at(-1)?.frame ?? bottom, us);
    now += us;
  }
  return deepest + 1;
}
