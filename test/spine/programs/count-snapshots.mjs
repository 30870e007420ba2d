// Counts the snapshots of the main thread: the depth of a queue is asked for once in each.
import { monitorQueue } from 'loopsight';

let snapshots = 0;
globalThis.countedSnapshots = {};
monitorQueue(globalThis.countedSnapshots, { name: 'snapshots', depth: () => snapshots++ });
