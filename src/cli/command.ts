// What every command has in common: its streams, exit codes, and the error for wrong usage.

/** What the process ends with. */
export const EXIT_CODES = { ok: 0, wrong: 1, usage: 2, unreadable: 3 } as const;

/** Where a command writes to. */
export interface CommandStreams {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Whether `out` shows colours. */
  readonly colour: boolean;
  /** Draws the last line of a terminal anew; undefined where there is none. */
  readonly redraw?: ((line: string) => void) | undefined;
}

/** Wrong arguments, in a sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The sentence for what `parseArgs` of Node throws; undefined for other errors. */
export function usageMessage(error: unknown): string | undefined {
  if (error instanceof UsageError) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!(error instanceof Error && code.startsWith('ERR_PARSE_ARGS'))) return undefined;
  // What Node advises next is to write `--`, behind which a program stands here.
  return error.message.replace(/\n.*|\. To specify a positional argument .*/s, '');
}
