// Runs a command on a process that it looks into, and leaves nothing behind there, however the command ends.
import { constants } from 'node:os';
import { attach } from '../attach/attach.js';
import { CannotAttach, type Inspected, Unanswered } from '../attach/inspected.js';
import { CdpError } from '../cdp/connection.js';
import { type CommandStreams, EXIT_CODES } from './command.js';
import { outputFlaw } from './output-flaw.js';

/** Signals that end commands. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What a command that was told to end may still take. */
const END_MS = 3000;

export interface AttachedOptions {
  /** How long to wait for a process that is blocked, in milliseconds. @default 60000, and a line says so after a second */
  readonly patienceMs?: number;
  /** What is done instead where it did not answer by then. @default one sentence, and exit code 2 */
  readonly onUnanswered?: () => Promise<number>;
}

/**
 * Attaches to `pid`, runs `command` and detaches. Ctrl-C, SIGTERM and SIGHUP abort `signal`; the command may use what it has
 * by then, for 3 s. Resolves to the exit code: that of the command, 2 with one sentence where the process cannot be looked
 * into, 128 and the signal's number where one came, 3 where the process ended meanwhile.
 */
export async function withAttached(
  pid: number,
  streams: CommandStreams,
  command: (inspected: Inspected, signal: AbortSignal) => Promise<number>,
  { patienceMs, onUnanswered }: AttachedOptions = {},
): Promise<number> {
  const abort = new AbortController();
  let came: NodeJS.Signals | undefined;
  let isGone = false;
  let flaw: string | undefined;
  const end = (signal?: NodeJS.Signals) => {
    // Whoever asks twice does not want to wait.
    if (abort.signal.aborted && signal !== undefined) process.exit(128 + constants.signals[signal]);
    came ??= signal;
    abort.abort();
  };
  const restore = takeOver(end, (error) => {
    isGone = true;
    flaw ??= outputFlaw(error);
    end();
  });
  const onWaiting = (sentence: string) => streams.error(`${sentence} Ctrl-C gives up.\n`);
  try {
    const inspected = await attach(pid, {
      signal: abort.signal,
      ...(patienceMs === undefined ? {} : { patienceMs }),
      ...(onUnanswered === undefined ? { onWaiting } : {}),
    });
    let code: number;
    try {
      code = await Promise.race([command(inspected, abort.signal), afterAbort(abort.signal)]);
    } finally {
      await inspected.detach();
    }
    return codeOf(came, code);
  } catch (error) {
    if (came !== undefined) return codeOf(came, EXIT_CODES.ok);
    if (isGone) return codeOf(undefined, EXIT_CODES.ok);
    if (error instanceof CdpError) {
      streams.error(`Process ${pid} has ended, or its inspector was closed, meanwhile.\n`);
      return EXIT_CODES.unreadable;
    }
    if (!(error instanceof CannotAttach)) throw error;
    if (error instanceof Unanswered && onUnanswered !== undefined) return await onUnanswered();
    streams.error(`${error.message}\n`);
    return EXIT_CODES.usage;
  } finally {
    restore();
    if (flaw !== undefined) streams.error(flaw);
  }

  function codeOf(signal: NodeJS.Signals | undefined, code: number): number {
    if (flaw !== undefined) return EXIT_CODES.unreadable;
    return signal === undefined ? code : 128 + constants.signals[signal];
  }
}

function afterAbort(signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    const end = () => void setTimeout(resolve, END_MS, EXIT_CODES.ok).unref();
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}

// Elsewhere Ctrl-C and a reader that went away (`| head`) end a command at once, which here would leave something behind.
function takeOver(onSignal: (signal: NodeJS.Signals) => void, onGone: (error: Error) => void): () => void {
  const before = process.listeners('SIGINT');
  const errorsBefore = process.stdout.listeners('error') as (() => void)[];
  process.removeAllListeners('SIGINT');
  process.stdout.removeAllListeners('error');
  process.stdout.on('error', onGone);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.stdout.off('error', onGone);
    for (const listener of before) process.on('SIGINT', listener);
    for (const listener of errorsBefore) process.stdout.on('error', listener);
  };
}
