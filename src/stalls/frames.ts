// Which frame of a stack is the application's own, and how it is named: the same after every deploy, on every machine.
import type { RawFrame } from './capture.js';
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
}

export const ANONYMOUS = '<anonymous>';
export const MINIFIED = '<minified>';

/** Reads the frames of a capture. */
export function readFrames(frames: readonly RawFrame[]): Frame[] {
  return frames.map(([name, file, line, column, isAwaited]) => {
    const path = file.startsWith('file://') ? pathOf(file) : file;
    return { function: name, path, line, column, origin: originOf(path), isAwaited };
  });
}

/** Where the code of a file comes from. */
export function originOf(path: string): Origin {
  if (path === '' || path === 'native' || path === '<anonymous>') return 'engine';
  if (path.startsWith('node:')) return 'node';
  return /[\\/]node_modules[\\/]/.test(path) ? 'package' : 'application';
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
  for (let index = from; index < frames.length; index++) {
    const frame = frames[index];
    if (frame === undefined || frame.isAwaited || (frame.origin !== origin && frame.origin !== 'engine')) return from;
    if (frame.origin === origin && frame.function !== '') return index;
  }
  return from;
}

/** What the culprit was running, for people: Node's or the engine's function that it called, else the innermost code. */
export function leafIndex(frames: readonly Frame[], culprit: number): number {
  const called = frames[culprit - 1];
  if (called === undefined) return -1;
  return called.origin === 'node' || called.origin === 'engine' ? culprit - 1 : 0;
}

/** A frame by the names that metrics and logs use; `root` is the application's folder. */
export function placeOf(frame: Frame, root: string): CodePlace {
  return {
    function: frame.function === '' ? ANONYMOUS : frame.function,
    file: relativeFile(frame.path, root),
    line: frame.line,
    column: frame.column,
  };
}

/** A file without the folders of the machine: relative to `root`, from the last node_modules, or its last two names. */
export function relativeFile(path: string, root: string): string {
  if (path === '' || path.startsWith('node:') || path === 'native' || path === 'eval') return path;
  const normal = path.replaceAll('\\', '/').replace(/^webpack:\/\/[^/]*\//, '').replace(/^\.\//, '');
  const inPackage = normal.lastIndexOf('/node_modules/');
  if (inPackage !== -1) return normal.slice(inPackage + 1);
  const base = root.replaceAll('\\', '/').replace(/\/$/, '');
  if (base !== '' && normal.startsWith(`${base}/`)) return normal.slice(base.length + 1);
  // What a loader made up, such as `evalmachine.<anonymous>`, or what is relative already.
  if (!normal.startsWith('/') && !/^[A-Za-z]:\//.test(normal)) return normal;
  return normal.split('/').slice(-2).join('/');
}

/** Whether a name looks as if a minifier had made it: of one or two letters, in a file with very long lines. */
export function looksMinified(name: string, column: number): boolean {
  return column > 500 && name.split('.').every((part) => part.length <= 2);
}

/** A file's name without the hash that a bundler puts into it. */
export function withoutContentHash(file: string): string {
  return file.replace(/([.-])(?=[0-9a-zA-Z_-]*\d)[0-9a-zA-Z_]{8,}(?=\.[cm]?js$)/, '');
}

function pathOf(url: string): string {
  let path = url.replace(/^file:\/\//, '').replace(/[?#].*$/, '');
  try {
    path = decodeURIComponent(path);
  } catch {
    // A URL that nobody could have opened; its text is as good a name as any.
  }
  return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
}
