// The thread of the observer, as a Worker of which the application notices nothing.
import { Worker } from 'node:worker_threads';
import { markOwn } from '../own.js';
import type { ObserverData } from './messages.js';

/** Enough for 10,000 series and their text; beyond it the observer ends and is started again, the application is not touched. */
const HEAP_LIMIT_MB = 256;

/** Text is short-lived: left to itself, the young generation grows to three times this and the process keeps it. */
const YOUNG_HEAP_MB = 4;

/** Starts `program` with `data`. Throws what `new Worker` throws where workers are not allowed. */
export function startObserverWorker(program: string, data: ObserverData): Worker {
  const worker = new Worker(program, {
    eval: true,
    name: 'loopsight-observer',
    workerData: data,
    transferList: [data.port],
    // Nothing that this process was started with may run in the observer: --require and --import would load us again.
    execArgv: [],
    env: {},
    trackUnmanagedFds: false,
    // Nothing is written to them; without these options the constructor opens process.stdout and stderr of the application.
    stdout: true,
    stderr: true,
    resourceLimits: {
      maxOldGenerationSizeMb: HEAP_LIMIT_MB,
      maxYoungGenerationSizeMb: YOUNG_HEAP_MB,
      stackSizeMb: 4,
    },
  });
  markOwn(worker);
  // A warning that Node writes there would keep the application alive until somebody reads it.
  worker.stdout.destroy();
  worker.stderr.destroy();
  worker.unref();
  return worker;
}
