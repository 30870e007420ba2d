// Which frame of a stack is the application's own. Asked below functions of the application too, after their long calls: no
// regular expressions, which would change what `RegExp.$1` of the application is.
import type { RawFrame } from '../loop/raw-frame.js';
import { functionName, pathOf, relativeFile } from './code-names.js';
import type { CodePlace } from './stall-report.js';

/** Where code comes from. */
export type Origin = 'application' | 'package' | 'node' | 'engine';

/** A frame with its file as the operating system names it. */
export interface Frame {
  readonly function: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly origin: Origin;
  readonly isAwaited: boolean;
  /** Where the function begins, where that is known. */
  readonly begin?: { readonly line: number; readonly column: number };
}

/** Reads the frames of a capture. */
export function readFrames(frames: readonly RawFrame[]): Frame[] {
  return frames.map(([name, file, line, column, isAwaited, beginLine, beginColumn]) => {
    const path = pathOf(file);
    const begin =
      beginLine === undefined || beginColumn === undefined ? {} : { begin: { line: beginLine, column: beginColumn } };
    return { function: withoutAccessor(name), path, line, column, origin: originOf(path), isAwaited, ...begin };
  });
}

// V8 writes `Basket.get total`; in the source it is `total` of `Basket`.
function withoutAccessor(name: string): string {
  const space = name.indexOf(' ');
  const begin = name.lastIndexOf('.', space) + 1;
  const isAccessor = space !== -1 && ACCESSORS.has(name.slice(begin, space)) && name.length > space + 1;
  return isAccessor ? name.slice(0, begin) + name.slice(space + 1) : name;
}

const ACCESSORS: ReadonlySet<string> = new Set(['get', 'set']);

/** Where the code of a file comes from. */
export function originOf(path: string): Origin {
  if (path === '' || path === 'native' || path === '<anonymous>') return 'engine';
  if (path.startsWith('node:')) return 'node';
  return path.replaceAll('\\', '/').includes('/node_modules/') ? 'package' : 'application';
}

/** Whether a stack shows more than what Node does between two callbacks. */
export function showsUsersCode(frames: readonly RawFrame[]): boolean {
  return frames.some(([, file]) => ['application', 'package'].includes(originOf(file)));
}

/**
 * The innermost frame of the application; of a package where the application has none; of Node where neither has one.
 * A function without a name stands for the named one that called it, directly or through the engine (a comparator, say).
 * Frames that are reached through an await did not run, so they count only where nothing else does.
 */
export function culpritIndex(frames: readonly Frame[]): number {
  for (const origin of ['application', 'package', 'node'] as const) {
    const running = frames.findIndex((frame) => frame.origin === origin && !frame.isAwaited);
    if (running !== -1) return namedCaller(frames, running);
    const awaited = origin === 'application' ? frames.findIndex((frame) => frame.origin === origin) : -1;
    if (awaited !== -1) return awaited;
  }
  return -1;
}

function namedCaller(frames: readonly Frame[], from: number): number {
  const origin = frames[from]?.origin;
  // Code that came as a text has no file to be found in, so that whoever ran it is told of, also through node:vm.
  const isText = isTextOfCode(frames[from]);
  for (let index = from; index < frames.length; index++) {
    const frame = frames[index];
    if (frame === undefined || frame.isAwaited) return from;
    if (frame.origin === origin && !isNameless(frame)) return index;
    const isBetween = frame.origin === origin || frame.origin === 'engine' || (isText && frame.origin === 'node');
    if (!isBetween) return from;
  }
  return from;
}

const isTextOfCode = (frame: Frame | undefined): boolean =>
  frame !== undefined && (frame.path === 'eval' || frame.path.startsWith('evalmachine.'));

// What `eval` and `new Function` make is called so whatever it does.
const isNameless = (frame: Frame): boolean =>
  frame.function === '' || (isTextOfCode(frame) && (frame.function === 'eval' || frame.function === 'anonymous'));

/** What the culprit was running, for people: Node's or the engine's function that it called, else the innermost code. */
export function leafIndex(frames: readonly Frame[], culprit: number): number {
  const called = frames[culprit - 1];
  if (called === undefined) return -1;
  return called.origin === 'node' || called.origin === 'engine' ? culprit - 1 : 0;
}

/** A frame by the names that metrics and logs use; `root` is the application's folder. */
export function placeOf(frame: Frame, root: string): CodePlace {
  return {
    function: functionName(frame.function),
    file: relativeFile(frame.path, root),
    line: frame.line,
    column: frame.column,
  };
}
