// How the main thread tells the observer which call took most of a stall: as text in shared memory, because it is read right
// when the stall is found in the record, and a message would be read later.
import type { TimedCapture } from '../blame/evidence.js';
import type { SeenCall } from './recent-calls.js';

/** Two bytes of length and JSON. */
export const NOTE_BYTES = 4096;
const LENGTH_BYTES = 2;
const FRAMES = 24;

interface Note {
  readonly stallFromMs: number;
  readonly call: SeenCall;
}

/** Writes which call took most of the stall that began at `stallFromMs`; only the newest one is kept. */
export function writeNote(memory: Buffer, stallFromMs: number, call: SeenCall): void {
  for (let frames = FRAMES; frames > 0; frames >>= 1) {
    const note: Note = { stallFromMs, call: { ...call, frames: call.frames.slice(0, frames) } };
    const text = Buffer.from(JSON.stringify(note));
    if (text.length > memory.length - LENGTH_BYTES) continue;
    memory.set(text, LENGTH_BYTES);
    memory.writeUInt16LE(text.length);
    return;
  }
}

/** The call that took most of the stall that began at `stallFromMs`, as a capture of it; undefined where none is noted. */
export function readNote(memory: Buffer, stallFromMs: number): TimedCapture | undefined {
  try {
    const text = memory.toString('utf8', LENGTH_BYTES, LENGTH_BYTES + memory.readUInt16LE());
    if (text === '') return undefined;
    const { stallFromMs: noted, call } = JSON.parse(text) as Note;
    if (noted !== stallFromMs) return undefined;
    const { label, fromMs, toMs, frames } = call;
    const [module = '', ...rest] = label.split('.');
    const ofCall = [rest.at(-1) ?? module, `node:${module}`, 0, 0, false] as const;
    // Both ends may lie outside of the stall by what its begin was estimated.
    const atMs = Math.max((fromMs + toMs) / 2, stallFromMs);
    return { askedMs: atMs, capture: { atMs, frames: [ofCall, ...frames], asyncId: 0 } };
  } catch {
    // The next one was being written.
    return undefined;
  }
}
