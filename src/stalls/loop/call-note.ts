// How the main thread tells the observer which call took most of a stall.
import { isBuiltin } from 'node:module';
import type { TimedCapture } from '../blame/evidence.js';
import type { SeenCall } from './recent-calls.js';
import { readNote, writeNote } from './shared-note.js';

/** Of the stack; fewer where their names are too long. */
const FRAMES = 24;

interface CallNote {
  readonly stallFromMs: number;
  readonly call: SeenCall;
}

/** Writes which call took most of the stall that began at `stallFromMs`. */
export function writeCallNote(memory: Buffer, stallFromMs: number, call: SeenCall): void {
  for (let frames = FRAMES; frames > 0; frames >>= 1) {
    const note: CallNote = { stallFromMs, call: { ...call, frames: call.frames.slice(0, frames) } };
    if (writeNote(memory, note)) return;
  }
}

/** The call that took most of the stall that began at `stallFromMs`, as a capture of it; undefined where none is noted. */
export function readCallNote(memory: Buffer, stallFromMs: number): TimedCapture | undefined {
  const note = readNote<CallNote>(memory);
  if (note?.stallFromMs !== stallFromMs) return undefined;
  const { label, fromMs, toMs, frames } = note.call;
  const [module = '', ...rest] = label.split('.');
  // Functions of the engine and of libraries in machine code have no file.
  const file = isBuiltin(`node:${module}`) ? `node:${module}` : 'native';
  const ofCall = [rest.at(-1) ?? module, file, 0, 0, false] as const;
  // Both ends may lie outside of the stall by what its begin was estimated.
  const atMs = Math.max((fromMs + toMs) / 2, stallFromMs);
  return { askedMs: atMs, capture: { atMs, frames: [ofCall, ...frames], asyncId: 0 } };
}
