// Code that a loader such as tsx compiles while it is loaded: what lies on the disk is not what runs, so that the observer
// cannot map its positions. Node can, where the loader has turned source maps on. Runs within a capture: no regular
// expressions of ours, which would change what `RegExp.$1` of the application is.
import { findSourceMap } from 'node:module';

const JAVASCRIPT = ['.js', '.mjs', '.cjs'];
/** Longer names are those of `data:` URLs, which hold the code. */
const LENGTH_LIMIT = 4096;

/** Whether the code of `file` cannot be what lies on the disk: a file of another language, or code in a URL. */
export function isCompiledInMemory(file: string): boolean {
  if (file.startsWith('data:')) return true;
  if (!file.startsWith('/') && !file.startsWith('file:') && file[1] !== ':') return false;
  return !JAVASCRIPT.some((ending) => file.endsWith(ending));
}

/** Line and column of the source, counted from 1; those of the code that runs where Node has no map of it. */
export function loadedPosition(file: string, line: number, column: number): readonly [line: number, column: number] {
  if (file.startsWith('data:')) return [line, column];
  try {
    // By its path: Node looks into URLs with a regular expression.
    const map = findSourceMap(file.startsWith('file:') ? decodeURIComponent(file.slice('file://'.length)) : file);
    const entry = map?.findEntry(line - 1, column - 1) as
      | { originalLine?: number; originalColumn?: number }
      | undefined;
    if (entry?.originalLine === undefined) return [line, column];
    return [entry.originalLine + 1, (entry.originalColumn ?? 0) + 1];
  } catch {
    return [line, column];
  }
}

/** A name that is short enough to be sent; of a `data:` URL what tells the file that it was made from, where it does. */
export function shortened(file: string): string {
  if (!file.startsWith('data:')) return file.slice(0, LENGTH_LIMIT);
  const query = file.lastIndexOf('?filePath=');
  try {
    if (query !== -1) return decodeURIComponent(file.slice(query + '?filePath='.length, query + LENGTH_LIMIT));
  } catch {
    // Not what tsx writes.
  }
  return 'data:';
}
