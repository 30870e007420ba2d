// Trace events as a file that Perfetto and Chrome's tracing read, written as they come: there can be millions.
import type { BegunFile } from '../record/output-file.js';
import type { TraceEvent } from './trace-event.js';

/** A file of trace events. */
export interface TraceFile {
  /** Throws an UnwritableFile. */
  add(events: readonly TraceEvent[]): void;
  /** Ends it; `about` says what was traced. Throws an UnwritableFile. */
  done(about: Readonly<Record<string, string>>): void;
}

/** Writes events into `file`. */
export function traceFile(file: BegunFile): TraceFile {
  let separator = '{"displayTimeUnit":"ms","traceEvents":[\n';
  return {
    add(events) {
      if (events.length === 0) return;
      file.add(separator + events.map((event) => JSON.stringify(event)).join(',\n'));
      separator = ',\n';
    },
    done(about) {
      file.add(`${separator === ',\n' ? '' : separator}\n],"otherData":${JSON.stringify(about)}}\n`);
      file.done();
    },
  };
}
