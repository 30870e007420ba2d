// A pipe whose writable end blocks when it is full; those that Node makes for a child do not.
import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** File descriptors of the two ends. */
export interface Pipe {
  readonly readable: number;
  readonly writable: number;
}

/** Opens a pipe; throws where the system has no `mkfifo`, as Windows. */
export function openPipe(): Pipe {
  const folder = mkdtempSync(join(tmpdir(), 'mayhem-'));
  try {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path], { stdio: 'ignore' });
    // Opened for reading first and without waiting: each end waits for the other one otherwise.
    const readable = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { readable, writable: openSync(path, constants.O_WRONLY) };
  } finally {
    // Both ends stay open without the name.
    rmSync(folder, { recursive: true });
  }
}
