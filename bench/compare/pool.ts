// One process a core: trials take nothing but time, and are independent of each other.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { LooksOutcome, Outcome, Task } from './trials.js';

/** Does tasks on all cores. */
export interface Pool {
  trials(task: Omit<Task, 'looks'>): Promise<Outcome>;
  looks(task: Task & { readonly looks: number }): Promise<LooksOutcome>;
  stop(): void;
}

/** Starts the processes. */
export function createPool(size = availableParallelism()): Pool {
  const program = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const workers = Array.from({ length: size }, () => fork(program, { execArgv: ['--import', 'tsx'] }));
  const idle = [...workers];
  const waiting: ((worker: ChildProcess) => void)[] = [];

  async function run<T>(task: Task): Promise<T> {
    const worker = idle.pop() ?? (await new Promise<ChildProcess>((resolve) => waiting.push(resolve)));
    const answer = once(worker, 'message');
    worker.send(task);
    const [outcome] = await answer;
    const next = waiting.shift();
    if (next === undefined) idle.push(worker);
    else next(worker);
    return outcome;
  }

  return {
    trials: run,
    looks: run,
    stop() {
      for (const worker of workers) worker.disconnect();
    },
  };
}
