// A small pool of worker threads: one task at a time per worker, the others wait in line.
import { Worker } from 'node:worker_threads';
import { type QueueMonitor, type QueueTask, queueMonitor } from 'loopsight';

export interface WorkerPoolOptions {
  readonly file: URL;
  /** Name of the threads. */
  readonly threadName: string;
  /** Name of the queue in front of them. */
  readonly queueName: string;
  readonly size: number;
  /** Tasks that may wait. */
  readonly limit: number;
}

interface Task<I, O> {
  readonly input: I;
  readonly measured: QueueTask;
  readonly resolve: (output: O) => void;
  readonly reject: (error: unknown) => void;
}

const RESTART_MS = 500;

export class WorkerPool<I, O> {
  readonly #options: WorkerPoolOptions;
  readonly #monitor: QueueMonitor;
  readonly #waiting: Task<I, O>[] = [];
  readonly #idle: Worker[] = [];
  readonly #running = new Map<Worker, Task<I, O>>();
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#monitor = queueMonitor({ name: options.queueName, capacity: options.size });
    for (let number = 0; number < options.size; number++) this.#startWorker();
  }

  /** The worker's answer to `input`; rejects when too many tasks wait, or the worker fails. */
  run(input: I): Promise<O> {
    if (this.#closed || this.#waiting.length >= this.#options.limit) {
      this.#monitor.added().dropped();
      return Promise.reject(new Error(this.#closed ? 'The pool is closed' : 'The pool is full'));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, measured: this.#monitor.added(), resolve, reject });
      this.#dispatch();
    });
  }

  /** Ends the workers; tasks that wait or run reject. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { measured, reject } of this.#waiting.splice(0)) {
      measured.dropped();
      reject(new Error('The pool is closed'));
    }
    await Promise.all([...this.#idle, ...this.#running.keys()].map((worker) => worker.terminate()));
  }

  #startWorker(): void {
    const worker = new Worker(this.#options.file, { name: this.#options.threadName });
    let failure: unknown = new Error('The worker ended');
    worker.on('message', (output: O) => {
      this.#settle(worker, ({ measured, resolve }) => {
        measured.finished();
        resolve(output);
      });
      this.#idle.push(worker);
      this.#dispatch();
    });
    worker.on('error', (error) => {
      failure = error;
    });
    worker.on('exit', () => {
      this.#settle(worker, ({ measured, reject }) => {
        measured.failed();
        reject(failure);
      });
      const index = this.#idle.indexOf(worker);
      if (index !== -1) this.#idle.splice(index, 1);
      // A pause, so that a worker that cannot start is not started over and over.
      if (!this.#closed) setTimeout(() => this.#closed || this.#startWorker(), RESTART_MS).unref();
    });
    this.#idle.push(worker);
    this.#dispatch();
  }

  #dispatch(): void {
    const worker = this.#idle[0];
    const task = this.#waiting[0];
    if (worker === undefined || task === undefined) return;
    this.#idle.shift();
    this.#waiting.shift();
    this.#running.set(worker, task);
    task.measured.started();
    worker.postMessage(task.input);
  }

  #settle(worker: Worker, end: (task: Task<I, O>) => void): void {
    const task = this.#running.get(worker);
    if (task === undefined) return;
    this.#running.delete(worker);
    end(task);
  }
}
