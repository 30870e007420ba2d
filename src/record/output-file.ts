// Writes a file that was asked for by name: it is there as a whole, or as it was before.
import {
  accessSync,
  closeSync,
  constants,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { printable } from '../status/wording.js';

/** Why a file cannot be written, in a sentence for the person who asked. */
export class UnwritableFile extends Error {
  override readonly name = 'UnwritableFile';
}

/** A place for a file. */
export interface OutputFile {
  readonly shown: string;
  /** Puts `content` there, in the place of what was there. Throws an UnwritableFile. */
  write(content: string | Uint8Array): void;
  /** The same piece by piece. Throws an UnwritableFile. */
  begin(): BegunFile;
}

/** A file that is being written. */
export interface BegunFile {
  /** Throws an UnwritableFile, and leaves nothing behind then. */
  add(content: string | Uint8Array): void;
  /** Puts it into its place. Throws an UnwritableFile. */
  done(): void;
  /** Leaves what was there before. Harmless once it is done. */
  abandon(): void;
}

/**
 * Checks, before anything is recorded, that `path` can be written; a file that is there stays until `write`. Throws an
 * UnwritableFile.
 */
export function outputFile(path: string): OutputFile {
  const shown = printable(path, 200);
  const found = attempt(shown, () => statSync(path, { throwIfNoEntry: false }));
  if (found?.isDirectory() === true) throw new UnwritableFile(`${shown} is a folder; name a file in it.`);
  // A pipe or a device is written into. A link stays one: its file is replaced.
  const isReplaced = found === undefined || found.isFile();
  const file = isReplaced && found !== undefined ? attempt(shown, () => realpathSync(path)) : path;
  // Not every Node says of a file below a file that it cannot be there.
  const isBelowFile = isReplaced && attempt(shown, () => !statSync(dirname(file)).isDirectory());
  if (isBelowFile) throw new UnwritableFile(`${shown} cannot be written: ENOTDIR: not a directory.`);
  attempt(shown, () => accessSync(isReplaced ? dirname(file) : file, constants.W_OK));

  function begin(): BegunFile {
    const next = isReplaced ? join(dirname(file), `.${basename(file)}.${process.pid}.next`) : file;
    const descriptor = attempt(shown, () => openSync(next, 'w'));
    let isOpen = true;
    const abandon = () => {
      if (!isOpen) return;
      isOpen = false;
      closeSync(descriptor);
      if (isReplaced) rmSync(next, { force: true });
    };
    const orAbandon = (act: () => void) => {
      try {
        attempt(shown, act);
      } catch (error) {
        abandon();
        throw error;
      }
    };
    return {
      add: (content) => orAbandon(() => writeFileSync(descriptor, content)),
      done: () =>
        orAbandon(() => {
          if (isReplaced) renameSync(next, file);
          isOpen = false;
          closeSync(descriptor);
        }),
      abandon,
    };
  }

  return {
    shown,
    begin,
    write(content) {
      const begun = begin();
      begun.add(content);
      begun.done();
    },
  };
}

function attempt<T>(shown: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UnwritableFile(`${shown} cannot be written: ${printable(message.split(',')[0] ?? message, 200)}.`);
  }
}
