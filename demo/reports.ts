// Reports, rendered in a pool of worker threads.
import { availableParallelism } from 'node:os';
import { Traced } from 'loopsight';
import type { Faults } from './faults.js';
import { renderReport } from './report-rendering.js';
import { WorkerPool } from './worker-pool.js';

const MOST_WAITING = 200;

export class Reports {
  readonly #pool: WorkerPool<number, string>;
  readonly #onLoop: boolean;

  constructor(faults: Faults) {
    this.#onLoop = faults.has('cpu-report');
    this.#pool = new WorkerPool({
      file: new URL('./report-worker.js', import.meta.url),
      threadName: 'renderer',
      queueName: 'reports',
      size: faults.has('small-pool') ? 1 : Math.max(2, Math.min(4, availableParallelism())),
      limit: MOST_WAITING,
    });
  }

  /** The page of report `id`; rejects when too many reports wait. */
  @Traced()
  async render(id: number): Promise<string> {
    return this.#onLoop ? renderReport(id) : this.#pool.run(id);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
