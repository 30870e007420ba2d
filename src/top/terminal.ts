// The screen of a terminal and its keys: taken while `top` runs, and given back however it ends.
import { writeSync } from 'node:fs';
import { emitKeypressEvents, type Interface } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Key } from './view.js';

// The other screen, without a cursor, without breaking lines that are too long.
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[H\u001b[2J';
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR = '\u001b[2J';
const CLEAR_REST_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const USUAL = { columns: 80, lines: 24 } as const;

/** A key that begins with Escape comes at once; Escape alone is known after this. All that Node reads of the interface. */
const KEY_TIMES: object = { escapeCodeTimeout: 50 };

/** What tells of the terminal. */
export interface TerminalEvents {
  readonly onKey: (key: Key) => void;
  /** The screen must be drawn anew: its size is another one, or it was away. */
  readonly onRedraw: () => void;
  /** The terminal is gone. */
  readonly onGone: () => void;
}

/** A terminal that is ours for a while. */
export interface Terminal {
  size(): { readonly columns: number; readonly lines: number };
  /** Shows `lines`, which must not be longer than the terminal is wide. Does nothing while what was drawn before is not written. */
  draw(lines: readonly string[]): void;
  /** Clears the screen before the next drawing. */
  clear(): void;
  /** Gives the terminal back and stops this process, as Ctrl-Z does; takes it again when the process goes on. */
  suspend(): void;
  /** Gives the terminal back. Twice is harmless. */
  close(): void;
}

/** Takes the terminal. */
export function openTerminal(
  input: ReadStream,
  output: WriteStream & { readonly fd: number },
  events: TerminalEvents,
): Terminal {
  let isTaken = false;
  let isClosed = false;
  let mustClear = true;

  function take(): void {
    if (isTaken || isClosed) return;
    isTaken = true;
    mustClear = true;
    input.setRawMode(true);
    output.write(ENTER);
  }

  function giveBack(): void {
    if (!isTaken) return;
    isTaken = false;
    try {
      // Also while the process exits, when streams write nothing any more.
      writeSync(output.fd, LEAVE);
    } catch {
      // Nobody looks any more.
    }
    try {
      input.setRawMode(false);
    } catch {
      // As above.
    }
  }

  const onKeypress = (_text: string | undefined, key: Key): void => events.onKey(key);
  const onResize = (): void => {
    mustClear = true;
    events.onRedraw();
  };
  const onGone = (): void => events.onGone();
  const onSuspend = (): void => suspend();
  // Stopped by a signal that cannot be caught, the terminal was in other hands meanwhile.
  const onContinue = (): void => {
    if (isTaken) giveBack();
    take();
    events.onRedraw();
  };
  const onQuit = (): void => {
    giveBack();
    process.off('SIGQUIT', onQuit);
    process.kill(process.pid, 'SIGQUIT');
  };

  function suspend(): void {
    giveBack();
    process.off('SIGTSTP', onSuspend);
    // The shell wants all of the job to stop, also what started this process.
    process.kill(0, 'SIGTSTP');
    // It goes on here, or was not stopped at all because no shell would continue it.
    setImmediate(() => {
      if (isClosed) return;
      process.on('SIGTSTP', onSuspend);
      onContinue();
    });
  }

  emitKeypressEvents(input, KEY_TIMES as Interface);
  input.on('keypress', onKeypress);
  input.on('end', onGone);
  input.on('error', onGone);
  output.on('resize', onResize);
  process.on('exit', giveBack);
  // Before the error is printed, which would be lost with the screen.
  process.on('uncaughtExceptionMonitor', giveBack);
  process.on('SIGTSTP', onSuspend);
  process.on('SIGCONT', onContinue);
  process.on('SIGQUIT', onQuit);
  take();
  input.resume();

  return {
    size: () => ({
      columns: output.columns > 0 ? output.columns : USUAL.columns,
      lines: output.rows > 0 ? output.rows : USUAL.lines,
    }),
    draw(lines) {
      if (!isTaken || output.writableNeedDrain) return;
      const text = lines.map((line) => line + CLEAR_REST_OF_LINE).join('\r\n');
      output.write(`${HOME}${mustClear ? CLEAR : ''}${text}${CLEAR_BELOW}`);
      mustClear = false;
    },
    clear() {
      mustClear = true;
    },
    suspend,
    close() {
      if (isClosed) return;
      isClosed = true;
      giveBack();
      input.off('keypress', onKeypress);
      input.off('end', onGone);
      input.off('error', onGone);
      output.off('resize', onResize);
      process.off('exit', giveBack);
      process.off('uncaughtExceptionMonitor', giveBack);
      process.off('SIGTSTP', onSuspend);
      process.off('SIGCONT', onContinue);
      process.off('SIGQUIT', onQuit);
      input.pause();
    },
  };
}
