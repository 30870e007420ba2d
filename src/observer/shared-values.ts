// The values of snapshots on their way to the observer: in memory that both threads see and that is used again. Memory that
// is new costs the main thread several times what the copying does, because the kernel hands it out page by page.
import type { Snapshot } from '../prometheus/snapshot.js';

/** Makes room for so many values; they are all written before anything is read. */
export type Allocate = (length: number) => Float64Array;

/** Room that is the same each time, and larger when it must be. What was in it before is overwritten. */
export function createSharedValues(): Allocate {
  let memory = new SharedArrayBuffer(0);
  return (length) => {
    const bytes = length * Float64Array.BYTES_PER_ELEMENT;
    // A little more, because series come one by one.
    if (bytes > memory.byteLength) memory = new SharedArrayBuffer(Math.ceil((bytes * 1.25) / 8) * 8);
    return new Float64Array(memory, 0, length);
  };
}

/** The snapshot with values of its own: those in shared memory are only there until the next one is asked for. */
export function withOwnValues(snapshot: Snapshot): Snapshot {
  return snapshot.values.buffer instanceof SharedArrayBuffer
    ? { ...snapshot, values: new Float64Array(snapshot.values) }
    : snapshot;
}
