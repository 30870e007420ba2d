// What loopsight/register does in a worker thread: lag for the board of the main thread, in silence.
import { getEnvironmentData, parentPort } from 'node:worker_threads';
import { startInWorker } from '../instrumentations/worker-threads/in-worker.js';
import { BOARD_KEY } from './worker-board/memory.js';

// Node's own thread for loader hooks has no parent port; it waits for its next request and would look blocked.
if (parentPort !== null) {
  try {
    startInWorker(getEnvironmentData(BOARD_KEY));
  } catch {
    // A worker without lag is better than one that does not start.
  }
}
