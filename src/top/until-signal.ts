// Runs a command until it is done or a signal comes, which it may end upon as it likes.
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs `command`, whose signal aborts on Ctrl-C, SIGTERM and SIGHUP; resolves to its code, or to that of the signal. */
export async function untilSignal(command: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const abort = new AbortController();
  let came: NodeJS.Signals | undefined;
  const end = (signal: NodeJS.Signals): void => {
    came ??= signal;
    abort.abort();
  };
  // Elsewhere Ctrl-C ends a command at once.
  const before = process.listeners('SIGINT');
  process.removeAllListeners('SIGINT');
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    const code = await command(abort.signal);
    return came === undefined ? code : 128 + constants.signals[came];
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
    for (const listener of before) process.on('SIGINT', listener);
  }
}
