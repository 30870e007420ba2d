// A process that was signalled and did not answer opens its inspector whenever its main thread goes on. A helper of our own
// waits for that and closes it, because the command will have ended by then.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../cli/package-root.js';
import { type ProcessFacts, processesHere, readText } from './process-facts.js';

/**
 * Starts the helper, where there is none for this process; it ends when it has closed the inspector, with the process, or
 * after a day. The process listened at the sockets (inodes) of `before` when it was signalled. Never throws.
 */
export function closeLater({ pid, started }: ProcessFacts, before: ReadonlySet<string>): void {
  try {
    const program = join(packageRoot(), 'dist/esm/src/attach/close-later-program.js');
    const words = [program, String(pid), started];
    if (processesHere().some((other) => readText(other, 'cmdline').includes(`\0${words.join('\0')}\0`))) return;
    const child = spawn(process.execPath, [...words, [...before].join()], {
      detached: true,
      stdio: 'ignore',
      // Options that are meant for the command, such as another --inspect, are not for this.
      env: { PATH: process.env.PATH ?? '' },
    });
    child.on('error', () => {});
    child.unref();
  } catch {
    // The next command that looks into the process finds the inspector open.
  }
}
