// The stacks of all threads when a test takes too long; of a loop that does not turn the observer writes them itself.
import { writeSync } from 'node:fs';
import timers from 'node:timers';
import { askSocket } from '../cli/ask-socket.js';
import { DUMP_PATH } from '../dump/routes.js';
import { socketFolders, socketPath } from '../dump/socket-place.js';
import { bounded } from '../stalls/blame/code-names.js';
import { formatMs } from '../stalls/tell/stall-sentence.js';

// As they are now: tests put timers of their own in their place.
const { clearTimeout, setTimeout } = timers;
const STANDARD_ERROR = 2;

/** Writes the stacks to standard error once the test has run for `afterMs` milliseconds; returns the undo. */
export function dumpAfter(afterMs: number, name: string): () => void {
  if (afterMs <= 0) return () => {};
  const timer = setTimeout(() => void writeDump(afterMs, name), afterMs).unref();
  return () => clearTimeout(timer);
}

async function writeDump(afterMs: number, name: string): Promise<void> {
  const resources = [...new Set(process.getActiveResourcesInfo())].join(', ');
  const head = `loopsight: the test ${bounded(name)} runs for ${formatMs(afterMs)} already; open are: ${resources}\n`;
  let stacks = '';
  for (const folder of socketFolders()) {
    try {
      stacks = await askSocket(socketPath(folder, process.pid), DUMP_PATH);
      break;
    } catch {
      // The next folder, or none: what is open says enough without stacks.
    }
  }
  try {
    writeSync(STANDARD_ERROR, head + stacks);
  } catch {
    // Nobody reads it.
  }
}
