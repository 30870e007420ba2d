// What a search finds: functions by name, file and package, and how much of the time is below them.
import type { Code } from './codes.js';
import { at, type Tree } from './tree.js';

export interface Found {
  /** 1 for each code that matches. */
  readonly codes: Uint8Array;
  readonly functions: number;
}

/** Codes whose name, file or package has `query` in it, in any case; `/…/` is a regular expression. Undefined for no query. */
export function searchCodes(codes: readonly Code[], query: string): Found | undefined {
  const matches = matcher(query.trim());
  if (matches === undefined) return undefined;
  const found = Uint8Array.from(codes, (code) => Number(code.origin !== 'thread' && matches(code)));
  return { codes: found, functions: found.reduce((sum, one) => sum + one, 0) };
}

function matcher(query: string): ((code: Code) => boolean) | undefined {
  if (query === '' || query === '/') return undefined;
  const [, source] = /^\/(.+?)\/?$/s.exec(query) ?? [];
  if (source !== undefined) {
    const expression = expressionOf(source);
    if (expression !== undefined) return ({ name, file }) => expression.test(name) || expression.test(file);
  }
  const text = query.toLowerCase();
  return (code) => [code.name, code.file, code.package].some((field) => field.toLowerCase().includes(text));
}

// While it is written, it is often not finished.
function expressionOf(source: string): RegExp | undefined {
  try {
    return new RegExp(source, 'i');
  } catch {
    return undefined;
  }
}

/** The time of frames that match, with all that they called; a match within a match counts once. */
export function matchedTime(tree: Tree, codes: Uint8Array, values: Float64Array = tree.total): number {
  const covered = new Uint8Array(tree.count);
  let sum = 0;
  for (let frame = 0; frame < tree.count; frame++) {
    const parent = tree.parent[frame] ?? -1;
    const isBelow = parent >= 0 && covered[parent] === 1;
    const isMatch = at(codes, at(tree.code, frame)) === 1;
    if (isMatch && !isBelow) sum += at(values, frame);
    covered[frame] = Number(isBelow || isMatch);
  }
  return sum;
}

/** Frames that match, from the widest on; a match within a match is none of its own. */
export function matchedFrames(tree: Tree, codes: Uint8Array): readonly number[] {
  const frames: number[] = [];
  const covered = new Uint8Array(tree.count);
  for (let frame = 0; frame < tree.count; frame++) {
    const parent = tree.parent[frame] ?? -1;
    const isBelow = parent >= 0 && covered[parent] === 1;
    const isMatch = at(codes, at(tree.code, frame)) === 1;
    if (isMatch && !isBelow && at(tree.total, frame) > 0) frames.push(frame);
    covered[frame] = Number(isBelow || isMatch);
  }
  return frames.sort((one, other) => at(tree.total, other) - at(tree.total, one));
}
