// Whether a process still is the one that told what it did: the id of one that has ended is given to another.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isAlive } from '../dump/is-alive.js';

/** Whether `pid` runs and was started with `folder` to write into; where the system does not tell, whether it runs. */
export function isRecorded(pid: number, folder: string): boolean {
  try {
    // That of a process that has ended and was not waited for is empty.
    return readFileSync(`/proc/${pid}/environ`).includes(basename(folder));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isGone = process.platform === 'linux' && (code === 'ENOENT' || code === 'ESRCH');
    return !isGone && isAlive(pid);
  }
}
