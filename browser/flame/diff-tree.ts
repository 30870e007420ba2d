// Two profiles as one tree: every frame knows its share of the time of both, which were not equally long.
import type { FlameData } from '../../src/profile/flame/flame-data.js';
import { type Code, codesOf } from './codes.js';
import { at, createTreeBuilder, layOut, sums, type Tree } from './tree.js';
import { collectCalls, type ViewOptions } from './views.js';

/** What a frame took before and after, as shares of all time that was not idle. */
export interface Compared {
  readonly beforeSelf: Float64Array;
  readonly afterSelf: Float64Array;
  readonly beforeTotal: Float64Array;
  readonly afterTotal: Float64Array;
}

export interface DiffTree {
  readonly tree: Tree;
  readonly codes: readonly Code[];
  readonly compared: Compared;
}

/** How wide frames are: by both (the mean), or by one of the two. */
export type DiffWidth = 'both' | 'before' | 'after';

/**
 * The codes of both profiles as one list, and which of them are the same: the function of a name in a file is, on whichever
 * line it stands now. Functions without a name are the same only where the same function called them, so each has its entry.
 */
export function commonCodes(before: FlameData, after: FlameData): CommonCodes {
  const codes: Code[] = [];
  const known = new Map<string, number>();
  const kinds = new Map<string, number>();
  const kindOf: number[] = [];
  // What is newer is shown where both have it.
  const [ofAfter = [], ofBefore = []] = [after, before].map((data, side) =>
    codesOf(data, plainNames(data)).map((code) => {
      const kind = JSON.stringify([code.origin, code.package, identity(code), fileIdentity(code.file)]);
      const key = code.name === ANONYMOUS ? `${side} ${code.line}:${code.column} ${kind}` : kind;
      const found = known.get(key);
      if (found !== undefined) return found;
      known.set(key, codes.length);
      kinds.set(kind, kinds.get(kind) ?? kinds.size);
      kindOf.push(kinds.get(kind) ?? 0);
      return codes.push(code) - 1;
    }),
  );
  return { codes, kindOf, ofBefore, ofAfter, kinds: kinds.size };
}

interface CommonCodes {
  readonly codes: readonly Code[];
  /** For each code a number that is equal for those that are the same below the same caller. */
  readonly kindOf: readonly number[];
  readonly kinds: number;
  /** Where the codes of each profile are in the list; everything is the last of theirs. */
  readonly ofBefore: readonly number[];
  readonly ofAfter: readonly number[];
}

// Threads of one name are one in a difference: which of a pool did what is chance.
const plainNames = ({ threads }: FlameData) => threads.map(({ thread }) => thread);

const ANONYMOUS = '<anonymous>';

// Workers are numbered as they come, and a bundler puts a hash into the names of files.
const identity = ({ name, origin }: Code) =>
  origin === 'thread' ? name.replace(/^\[worker \d+\] ?/, 'worker ') : name;
const fileIdentity = (file: string) => file.replace(/[.-][0-9A-Za-z_]*\d[0-9A-Za-z_]{6,31}(?=\.[cm]?js$)/, '');

/** The calls of both profiles as one tree. */
export function diffCalls(
  before: FlameData,
  after: FlameData,
  width: DiffWidth,
  options: { readonly foldNode: boolean; readonly threads?: ReadonlySet<string> },
): DiffTree {
  const common = commonCodes(before, after);
  const builder = createTreeBuilder(common.kinds);
  // Which code a frame is shown as: that of the profile that came first, which is the newer one.
  const shown: number[] = [];
  const add = (data: FlameData, codes: readonly number[]): readonly number[] => {
    const calls = collectCalls(data, codesOf(data), { ...options, threads: threadsOf(data, options.threads) });
    const frames = new Int32Array(calls.count);
    const all = calls.self.reduce((sum, self) => sum + self, 0);
    const self: number[] = [];
    const frameAt = (above: number, code: number): number => {
      const frame = builder.at(above, common.kindOf[code] ?? 0);
      shown[frame] ??= code;
      return frame;
    };
    const everything = codes.at(-1) ?? 0;
    const root = frameAt(-1, everything);
    for (let frame = 0; frame < calls.count; frame++) {
      const code = codes[calls.code[frame] ?? 0] ?? 0;
      const above = calls.parent[frame] ?? -1;
      // One thread has no frame above it; two profiles may have different numbers of threads.
      const target = code === everything ? root : frameAt(above < 0 ? root : at(frames, above), code);
      frames[frame] = target;
      self[target] = (self[target] ?? 0) + (all === 0 ? 0 : (calls.self[frame] ?? 0) / all);
    }
    return self;
  };
  const newer = add(after, common.ofAfter);
  const older = add(before, common.ofBefore);

  const { count } = builder;
  const column = (values: readonly number[]) => Float64Array.from({ length: count }, (_, frame) => values[frame] ?? 0);
  const [beforeSelf, afterSelf] = [column(older), column(newer)];
  const weights = { both: [0.5, 0.5], before: [1, 0], after: [0, 1] }[width];
  for (let frame = 0; frame < count; frame++) {
    builder.add(frame, at(beforeSelf, frame) * (weights[0] ?? 0) + at(afterSelf, frame) * (weights[1] ?? 0));
  }
  const tree = { ...layOut(builder), code: Int32Array.from(shown) };
  const compared = {
    beforeSelf,
    afterSelf,
    beforeTotal: sums(tree.parent, beforeSelf),
    afterTotal: sums(tree.parent, afterSelf),
  };
  return { tree, codes: common.codes, compared };
}

function threadsOf(data: FlameData, names: ReadonlySet<string> | undefined): ViewOptions['threads'] {
  const places = data.threads.map((_, place) => place);
  return new Set(places.filter((place) => names === undefined || names.has(data.threads[place]?.thread ?? '')));
}
