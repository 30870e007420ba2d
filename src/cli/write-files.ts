// Writes what a command exports.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printable } from '../status/wording.js';

/** Why files could not be written, in a sentence for the person who asked. */
export class UnwritableFolder extends Error {
  override readonly name = 'UnwritableFolder';
}

/** Writes texts by name into `folder`, which is made where it is missing; returns the paths. Throws UnwritableFolder. */
export function writeFiles(folder: string, texts: ReadonlyMap<string, string>): readonly string[] {
  attempt(folder, () => mkdirSync(folder, { recursive: true }));
  return [...texts].map(([name, text]) => {
    const path = join(folder, name);
    // Grafana and Prometheus may read the folder meanwhile: a file is there as a whole, or as it was.
    const next = `${path}.${process.pid}.next`;
    attempt(path, () => {
      try {
        writeFileSync(next, text);
        renameSync(next, path);
      } catch (error) {
        rmSync(next, { force: true });
        throw error;
      }
    });
    return path;
  });
}

function attempt(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new UnwritableFolder(`${printable(path, 200)} could not be written: ${reason(error)}.`);
  }
}

// Node's messages go on with the call and the path.
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return printable(message.split(',')[0] ?? message, 200);
}
