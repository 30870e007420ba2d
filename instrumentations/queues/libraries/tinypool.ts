// tinypool: pools of worker threads or child processes.
import type { Library } from '../../../src/loading/library.js';
import { exportedClass, patchThreadPool } from './thread-pool.js';

/** Pools of tinypool as queues: depth, running, capacity, wait and run time. */
export const tinypoolLibrary: Library = {
  name: 'tinypool',
  from: '1.1.0',
  below: '3.0.0',
  patch: (exports) => ({
    undo: patchThreadPool(exportedClass(exports, 'Tinypool'), {
      type: 'tinypool',
      taskResource: 'Tinypool.Task',
      ending: ['cancelPendingTasks', 'destroy'],
    }),
  }),
};
