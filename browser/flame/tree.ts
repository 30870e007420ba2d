// A call tree in columns, laid out: fast to draw and to search with hundreds of thousands of frames.

/** Frames by number; the one that called stands before. Times are in the unit of the view, which is microseconds or shares. */
export interface Tree {
  readonly count: number;
  /** −1 for the lowest frames. */
  readonly parent: Int32Array;
  /** Places in the list of codes. */
  readonly code: Int32Array;
  readonly depth: Int32Array;
  readonly self: Float64Array;
  /** The width of a frame. */
  readonly total: Float64Array;
  /** The left edge of a frame. */
  readonly start: Float64Array;
  /** Frames of each depth, from left to right. */
  readonly rows: readonly Int32Array[];
  /** The right edge of all. */
  readonly extent: number;
}

/** Collects frames; `at` finds the frame of a code below another one, and makes it where there is none. */
export interface TreeBuilder {
  at(parent: number, code: number): number;
  /** Always a new frame, which begins at `start`, `depth` rows below; for views in time. */
  append(parent: number, code: number, depth: number, start: number): number;
  /** Adds to the own time of a frame. */
  add(frame: number, self: number): void;
  readonly count: number;
  readonly parent: readonly number[];
  readonly code: readonly number[];
  readonly self: readonly number[];
  readonly depth: readonly number[];
  readonly start: readonly number[];
}

/** A builder for frames of `codes` codes. */
export function createTreeBuilder(codes: number): TreeBuilder {
  const parent: number[] = [];
  const code: number[] = [];
  const self: number[] = [];
  const depth: number[] = [];
  const start: number[] = [];
  const known = new Map<number, number>();
  const append = (under: number, of: number, below: number, from: number): number => {
    start.push(from);
    depth.push(below);
    self.push(0);
    code.push(of);
    return parent.push(under) - 1;
  };
  return {
    parent,
    code,
    self,
    depth,
    start,
    get count() {
      return parent.length;
    },
    append,
    at(under, of) {
      const key = (under + 1) * codes + of;
      const found = known.get(key);
      if (found !== undefined) return found;
      const frame = append(under, of, under === -1 ? 0 : (depth[under] ?? 0) + 1, 0);
      known.set(key, frame);
      return frame;
    },
    add(frame, more) {
      self[frame] = (self[frame] ?? 0) + more;
    },
  };
}

/** Lays the frames out: wide ones first, or, where they come `inOrder`, where they began. Frames without time are not drawn. */
export function layOut(builder: TreeBuilder, inOrder = false): Tree {
  const { count } = builder;
  const parent = Int32Array.from(builder.parent);
  const depth = Int32Array.from(builder.depth);
  const self = Float64Array.from(builder.self);
  const total = sums(parent, self);
  const start = Float64Array.from(builder.start);

  const lists: number[][] = [];
  for (let frame = 0; frame < count; frame++) {
    if (at(total, frame) <= 0) continue;
    const row = at(depth, frame);
    while (lists.length <= row) lists.push([]);
    lists[row]?.push(frame);
  }
  const next = new Float64Array(count + 1);
  let extent = 0;
  for (const list of lists) {
    if (!inOrder) {
      list.sort((one, other) => at(total, other) - at(total, one) || one - other);
      for (const frame of list) {
        // The place before the first frame is that of all of them.
        const above = at(parent, frame) + 1;
        start[frame] = at(next, above);
        next[above] = at(next, above) + at(total, frame);
        next[frame + 1] = at(start, frame);
      }
      list.sort((one, other) => at(start, one) - at(start, other) || one - other);
    }
    const last = list.at(-1) ?? 0;
    extent = Math.max(extent, at(start, last) + at(total, last));
  }
  const rows = lists.map((list) => Int32Array.from(list));
  return { count, parent, code: Int32Array.from(builder.code), depth, self, total, start, rows, extent };
}

/** The sums of frames with all that they called. */
export function sums(parent: Int32Array, self: Float64Array): Float64Array {
  const total = Float64Array.from(self);
  for (let frame = parent.length - 1; frame >= 0; frame--) {
    const above = at(parent, frame);
    if (above >= 0) total[above] = at(total, above) + at(total, frame);
  }
  return total;
}

/** A number of a column; 0 beyond its end. */
export function at(column: Int32Array | Float64Array | Uint8Array, place: number): number {
  return column[place] ?? 0;
}
