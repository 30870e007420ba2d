// Small files that somebody else writes: read whole, and known to have changed by what the file system says of them.
import { readFileSync, statSync } from 'node:fs';
import { isOneLine, isText } from './secret.js';

/** No certificate, key or configuration is longer. */
const MAX_BYTES = 1024 * 1024;

/** Reads a file of text. Throws a TypeError that quotes `name` and the path. */
export function readSmallFile(path: string, name: string): string {
  try {
    const stats = statSync(path);
    // A pipe would hold the thread that reads it.
    if (!stats.isFile()) throw new Error('it is no file');
    if (stats.size > MAX_BYTES) throw new Error('it is larger than 1 MiB');
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new TypeError(`Expected \`${name}\` to name a file that can be read, got "${path}" (${reason(error)})`);
  }
}

/** Reads a file that holds one secret. Throws a TypeError that quotes `name` and the path, never what is in it. */
export function readSecretFile(path: string, name: string): string {
  const secret = readSmallFile(path, name).trim();
  if (!isOneLine(secret)) {
    const lines = isText(secret) ? 'it holds several lines or control characters' : 'it is not UTF-8';
    const found = secret === '' ? 'it is empty' : lines;
    throw new TypeError(`Expected \`${name}\` to name a file with one line, got "${path}" (${found})`);
  }
  return secret;
}

/** A text that changes with any of the files; a file that cannot be read has a mark of its own. Never throws. */
export function stampOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      try {
        const { ino, size, mtimeMs, ctimeMs } = statSync(path);
        return `${ino}:${size}:${mtimeMs}:${ctimeMs}`;
      } catch (error) {
        return reason(error);
      }
    })
    .join();
}

function reason(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.message : 'unknown';
}
