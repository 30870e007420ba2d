// The source files that a profile speaks of, as the machine that reads it has them: their maps and their lines.
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Frame } from '../stalls/blame/frames.js';
import { createSourceMapper } from '../stalls/blame/source-maps.js';

/** Larger files are not read. */
const SIZE_LIMIT_BYTES = 64 * 1024 * 1024;
/** Files are kept until they are larger than this together, in characters. */
const KEPT_LENGTH = 32 * 1024 * 1024;
const FILES_KEPT = 1000;

/** What ends a line in JavaScript. */
export const LINE_END = /\r\n|[\n\r\u2028\u2029]/;

/** Where profiles find sources; keep one for many profiles of the same process, because maps are dear to read. */
export interface ProfileSources {
  /** The frame as its source has it; the same frame where no source map tells of it. Never throws. */
  readonly map: (frame: Frame) => Frame;
  /** The text of a file; undefined where it cannot be read. Never throws. */
  readonly text: (path: string) => string | undefined;
  /** Its lines, likewise. */
  readonly lines: (path: string) => readonly string[] | undefined;
}

export interface ProfileSourcesOptions {
  /** Larger files are not read. @default 64 MiB */
  readonly limitBytes?: number;
}

/**
 * Creates the place where profiles find sources; nothing is read before it is needed.
 *
 * @example
 * ```ts
 * createSources().lines('/srv/not/there.js')?.length ?? 'none'; // none
 * ```
 */
export function createSources({ limitBytes = SIZE_LIMIT_BYTES }: ProfileSourcesOptions = {}): ProfileSources {
  const files = new Map<string, SourceFile>();
  let length = 0;

  function fileAt(path: string): SourceFile {
    const known = files.get(path);
    if (known !== undefined) return known;
    const text = isAbsolute(path) ? readText(path, limitBytes) : undefined;
    const file = { text, lines: text?.split(LINE_END) };
    length += text?.length ?? 0;
    if (length > KEPT_LENGTH || files.size >= FILES_KEPT) {
      files.clear();
      length = text?.length ?? 0;
    }
    files.set(path, file);
    return file;
  }

  const lines = (path: string) => fileAt(path).lines;
  return { map: createSourceMapper({ limitBytes, linesOf: lines }), text: (path) => fileAt(path).text, lines };
}

interface SourceFile {
  readonly text: string | undefined;
  readonly lines: readonly string[] | undefined;
}

// A script can call itself anything: a device without an end, a pipe that nobody writes to.
function readText(path: string, limitBytes: number): string | undefined {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > limitBytes) return undefined;
    return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch {
    return undefined;
  }
}
