// An inspector that a command has had opened is closed by somebody else where the command cannot: a shell waits at the end of a
// pipe, which the system closes whatever becomes of the command, and turns into the helper then (close-later-program.ts).
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { within } from '../cdp/waiting.js';
import { packageRoot } from '../cli/package-root.js';
import { atExit } from './at-exit.js';
import type { ProcessFacts } from './process-facts.js';

/** Whoever closes the inspector where a command cannot. Nothing of it throws or rejects. */
export interface Closer {
  /** Has it closed as soon as the process goes on, also after the end of the command. */
  close(): void;
  /** It is closed. Resolves when nobody waits any more. */
  dismiss(): Promise<void>;
}

const SHELL = '/bin/sh';
/** A word says that the inspector is closed; the end of the pipe without one, that nobody will. */
const WAIT_OR_CLOSE = 'read -r word || exec "$0" "$@"';
const WORD = 'closed\n';
/** A shell that was told ends at once. Whoever did not see its end would leave it to a parent that may never look. */
const ENDED_MS = 1000;

/** Of a command that has nobody behind it. */
export const NO_CLOSER: Closer = { close: () => {}, dismiss: () => Promise.resolve() };

/**
 * Has somebody wait. The helper ends when it has closed the inspector, with the process, or after a day; there is one at most
 * for a process. The process listened at the sockets (inodes) of `before` when it was signalled.
 */
export function startCloser({ pid, started }: ProcessFacts, before: ReadonlySet<string>): Closer {
  const program = programFile();
  if (program === undefined) return NO_CLOSER;
  const words = [process.execPath, program, String(pid), started, [...before].join(), String(process.pid)];
  const shell = start(SHELL, ['-c', WAIT_OR_CLOSE, ...words], 'pipe');
  if (shell === undefined) return closerWithoutShell(words);
  const ended = new Promise<void>((resolve) => void shell.once('exit', () => resolve()));
  return {
    close: () => void shell.stdin?.destroy(),
    async dismiss() {
      shell.stdin?.end(WORD);
      await within(ended, ENDED_MS);
    },
  };
}

// In a container that has none. Nobody notices a command that is killed there.
function closerWithoutShell([node = '', ...words]: readonly string[]): Closer {
  const close = () => {
    undo();
    start(node, words, 'ignore');
  };
  const undo = atExit(close);
  return {
    close,
    dismiss() {
      undo();
      return Promise.resolve();
    },
  };
}

// Whoever bundles this into a file of their own has no such file; the next command finds the inspector open then.
function programFile(): string | undefined {
  try {
    return join(packageRoot(), 'dist/esm/src/attach/close-later-program.js');
  } catch {
    return undefined;
  }
}

function start(file: string, words: readonly string[], stdin: 'pipe' | 'ignore'): ChildProcess | undefined {
  try {
    const child = spawn(file, words, {
      // Ctrl-C at a terminal is for the command.
      detached: true,
      stdio: [stdin, 'ignore', 'ignore'],
      // Options that are meant for the command, such as another --inspect, are not for this.
      env: { PATH: process.env.PATH ?? '' },
    });
    child.on('error', () => {});
    child.stdin?.on('error', () => {});
    child.unref();
    (child.stdin as { unref?(): void } | null)?.unref?.();
    return child.pid === undefined ? undefined : child;
  } catch {
    return undefined;
  }
}
