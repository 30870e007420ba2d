// A short note from the main thread to the observer: JSON in shared memory, because a message would be read later than the
// record beside it. Only the newest one is kept.

export const NOTE_BYTES = 4096;
/** In front of the text. */
const LENGTH_BYTES = 2;

/** Writes `note`; returns false, and leaves what was there, where that is too long. */
export function writeNote(memory: Buffer, note: unknown): boolean {
  const text = Buffer.from(JSON.stringify(note));
  if (text.length > memory.length - LENGTH_BYTES) return false;
  memory.set(text, LENGTH_BYTES);
  memory.writeUInt16LE(text.length);
  return true;
}

/** Reads the newest note; undefined where there is none, or while one is being written. */
export function readNote<T>(memory: Buffer): T | undefined {
  try {
    return JSON.parse(memory.toString('utf8', LENGTH_BYTES, LENGTH_BYTES + memory.readUInt16LE())) as T;
  } catch {
    return undefined;
  }
}
