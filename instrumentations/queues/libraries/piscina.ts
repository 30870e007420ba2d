// Piscina: pools of worker threads.
import type { Library } from '../../../src/loading/library.js';
import { exportedClass, patchThreadPool } from './thread-pool.js';

/** Pools of Piscina as queues: depth, running, capacity, wait and run time. */
export const piscinaLibrary: Library = {
  name: 'piscina',
  from: '4.9.0',
  below: '6.0.0',
  patch: (exports) => ({
    undo: patchThreadPool(exportedClass(exports, 'Piscina'), {
      type: 'piscina',
      taskResource: 'Piscina.Task',
      ending: ['close', 'destroy'],
    }),
  }),
};
