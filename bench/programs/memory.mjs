// The part of resident memory that is not files, which processes share.
import { readFileSync } from 'node:fs';

/** Anonymous resident bytes of this process; NaN where /proc does not tell. */
export function readAnonymousBytes() {
  try {
    return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}
