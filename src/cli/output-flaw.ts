// What is said where standard output takes nothing more.

/** A sentence with a line feed; undefined for a reader that went away (`| head`), which is no error and takes no answer away. */
export function outputFlaw({ code, message }: NodeJS.ErrnoException): string | undefined {
  return code === 'EPIPE' ? undefined : `Standard output cannot be written: ${message}.\n`;
}
