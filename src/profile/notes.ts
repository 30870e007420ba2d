// What the reader of a profile must know of it.
import type { V8Recording } from './v8-profile.js';

/** V8 knows what it inlined only of code that it compiled while a profiler ran; measured on Node 20, 22, 24 and 26. */
const INLINED = 'Time of functions that V8 had inlined before the recording began can be charged to their callers.';

/** The notes of a recording and of the engine that made it: each one sentence. */
export function notesOf({ notes, nodeVersion, knowsInlined = false }: V8Recording): readonly string[] {
  return nodeVersion === '' || knowsInlined || notes.includes(INLINED) ? notes : [...notes, INLINED];
}
