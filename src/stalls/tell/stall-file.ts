// The last long stall in a file, such as Kubernetes' /dev/termination-log: written while it lasts, because a process that
// is killed for it writes nothing any more, and again when it is over.
import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { StallReport } from '../blame/stall-report.js';
import { createStages, isExpected, type OngoingStall } from '../watch/ongoing.js';
import { stackLines } from './stack-text.js';
import { stallSentence } from './stall-sentence.js';

/** A stall is written from this length on, or from the one that makes the process unhealthy if that is shorter. */
const FROM_MS = 1000;
/** While it lasts it is written again this often. */
const REFRESH_MS = 1000;
/** What Kubernetes reads of a termination message. */
export const NOTE_BYTES = 4096;

export interface StallFileOptions {
  readonly path: string;
  /** 0 where nothing makes the process unhealthy. */
  readonly unhealthyAfterMs: number;
  /** Told of the first failure in a row. */
  readonly onError: (error: unknown) => void;
}

/** A file that tells of the last long stall. */
export interface StallFile {
  /** Takes the stalls that last. */
  look(stalls: readonly OngoingStall[]): void;
  /** Takes a stall that is over. */
  over(report: StallReport): void;
}

/** Creates the writer; the file is touched at the first stall that is long enough. */
export function createStallFile({ path, unhealthyAfterMs, onError }: StallFileOptions): StallFile {
  const fromMs = unhealthyAfterMs > 0 ? Math.min(unhealthyAfterMs, FROM_MS) : FROM_MS;
  const due = createStages(({ blockedMs, isStarting }) =>
    isStarting || blockedMs < fromMs ? 0 : 1 + Math.floor((blockedMs - fromMs) / REFRESH_MS),
  );
  let failed = false;

  function write(report: StallReport): void {
    try {
      replaceText(path, stallNote(report));
      failed = false;
    } catch (error) {
      if (!failed) onError(error);
      failed = true;
    }
  }

  return {
    look(stalls) {
      const report = due(stalls)
        .map((stall) => stall.report())
        .find((candidate) => !isExpected(candidate));
      if (report !== undefined) write(report);
    },
    over(report) {
      if (report.durationMs >= fromMs && !isExpected(report)) write(report);
    },
  };
}

/** Begin, sentence and stack of a stall, in at most 4 KiB of whole lines. */
export function stallNote(report: StallReport): string {
  let note = `${new Date(report.startUnixMs).toISOString()} ${stallSentence(report)}\n`;
  while (Buffer.byteLength(note) > NOTE_BYTES) note = `${note.slice(0, Math.floor(note.length / 2)).trimEnd()}…\n`;
  let size = Buffer.byteLength(note);
  for (const line of stackLines(report.stack)) {
    size += Buffer.byteLength(line) + 1;
    if (size > NOTE_BYTES) break;
    note += `${line}\n`;
  }
  return note;
}

// The file is cut after it was written: whoever kills us in between leaves the new text, or the old one's end below it.
function replaceText(path: string, text: string): void {
  // Without O_NONBLOCK a pipe that nobody reads would hold this thread for ever.
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | (constants.O_NONBLOCK ?? 0), 0o644);
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(file, bytes, written, bytes.length - written, written);
    }
    ftruncateSync(file, bytes.length);
  } finally {
    closeSync(file);
  }
}
