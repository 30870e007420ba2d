// What a command owes a process whose inspector it has had opened: that it is closed, also where the command ends in the
// middle, because it was killed, or somebody in a hurry pressed Ctrl-C twice.
import type { Closer } from './close-later.js';

export interface Owed {
  /** From now on. */
  begin(): void;
  /** Has it done by somebody else, where it is owed. */
  pay(): void;
  /** It has been done. */
  end(): Promise<void>;
}

/** `startCloser` has somebody wait who does it where the command does not. */
export function createOwed(startCloser: () => Closer): Owed {
  let closer: Closer | undefined;
  const settle = (): Closer | undefined => {
    const settled = closer;
    closer = undefined;
    return settled;
  };
  return {
    begin() {
      closer ??= startCloser();
    },
    pay: () => settle()?.close(),
    async end() {
      await settle()?.dismiss();
    },
  };
}
