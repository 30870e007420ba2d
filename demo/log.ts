// The log of the service: one line a request, with everything that could be of use later, and so a big one.
import { spawn } from 'node:child_process';
import { closeSync, createWriteStream, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Faults } from './faults.js';
import { openPipe, type Pipe } from './pipe.js';

/** Takes one line, without its end. */
export type Log = (line: string) => void;

const CONTEXT = '.'.repeat(32 * 1024);
/** Lines that wait to be written may take so much; those beyond are dropped. */
const MOST_WAITING_BYTES = 1024 * 1024;

/** Opens the log. With the fault it writes to a reader of its own, never to what the service was started with. */
export function openLog(faults: Faults): Log {
  const pipe = faults.has('blocking-log') ? openPipeOrTell() : undefined;
  const write = pipe === undefined ? writeInBackground() : writeSynchronously(pipe);
  return (line) => write(`${line} ${CONTEXT}\n`);
}

function openPipeOrTell(): Pipe | undefined {
  try {
    return openPipe();
  } catch (error) {
    console.error(`mayhem: The fault blocking-log is off: ${error instanceof Error ? error.message : String(error)}.`);
    return undefined;
  }
}

function writeInBackground(): Log {
  const stream = createWriteStream(devNull);
  // A log that cannot be written is no reason to stop serving.
  stream.on('error', () => {});
  return (line) => {
    if (stream.writableLength < MOST_WAITING_BYTES) stream.write(line);
  };
}

/** The fault: when the reader pauses, the pipe fills up, and the next write keeps the loop until it reads again. */
function writeSynchronously({ readable, writable }: Pipe): Log {
  const file = fileURLToPath(new URL('./log-reader.js', import.meta.url));
  const reader = spawn(process.execPath, [file], { stdio: [readable, 'ignore', 'inherit'] });
  reader.on('error', (error) => console.error(`mayhem: The reader of the log could not be started: ${error.message}.`));
  reader.unref();
  // As long as this process could read as well, a write would go on waiting for a reader that has gone.
  closeSync(readable);
  let broken = false;
  return (line) => {
    if (broken) return;
    try {
      writeSync(writable, line);
    } catch {
      // The reader has gone, at the latest with a terminal's Ctrl-C.
      broken = true;
    }
  };
}
