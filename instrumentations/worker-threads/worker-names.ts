// What Node itself tells of a worker's name; small, because it is loaded into every worker thread.
import type { Worker } from 'node:worker_threads';

/** Name of a worker that was given none. */
export const UNNAMED = 'worker';

// `main` is the main thread's own name, whose series another instrumentation writes.
const NOT_MAIN = 'main (worker)';
// What Node >= 24 answers for a worker without a name.
const NODE_DEFAULT = 'WorkerThread';

/** Name of `worker` as Node >= 22.20 and >= 24.6 tell it, else `given`; `worker` if it has none. */
export function nameOf(worker: Worker, given?: string): string {
  const name = (worker as { readonly threadName?: string | null }).threadName ?? given ?? '';
  if (name === '' || name === NODE_DEFAULT) return UNNAMED;
  return name === 'main' ? NOT_MAIN : name;
}

/** Whether a worker is Node's own: the loader hooks' thread waits for its next request and would look blocked for ever. */
export function isInternal(worker: Worker): boolean {
  return worker.constructor.name === 'InternalWorker';
}
