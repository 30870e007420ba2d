// poolifier: pools of worker threads or cluster workers; a task runs at once or waits in the queue of the worker chosen for it.
import type { Library } from '../../../src/loading/library.js';
import { replaceMethod, undoAll } from '../../../src/loading/replace.js';
import type { FoundQueue } from '../found-queue.js';
import { forgetTasks } from '../queue-group.js';
import type { QueueTask } from '../queue-monitor.js';
import { patchOnce } from './patch-once.js';
import { attempt } from './patching.js';
import { foundWorkerPool, type WorkerPoolOptions } from './worker-pool.js';

const TYPE = 'poolifier';

interface Pool {
  readonly minimumNumberOfWorkers: number;
  readonly maximumNumberOfWorkers?: number;
  readonly opts: {
    readonly enableTasksQueue?: boolean;
    readonly tasksQueueOptions?: { readonly concurrency?: number };
  };
  readonly workerNodes: readonly { readonly worker: unknown }[];
}

interface Task {
  readonly task: QueueTask;
  /** The worker that runs it. */
  node: object | undefined;
}

interface TaskMessage {
  readonly taskId?: string;
  readonly workerError?: unknown;
}

const POOLS: WorkerPoolOptions<Pool> = {
  type: TYPE,
  capacity: capacityOf,
  workers: ({ workerNodes }) => workerNodes.map(({ worker }) => worker),
};

/** Pools of poolifier as queues: depth, running, capacity, wait and run time. */
export const poolifierLibrary: Library = {
  name: TYPE,
  from: '5.3.0',
  below: '6.0.0',
  patch(exports) {
    const { FixedThreadPool: threads, FixedClusterPool: cluster } = exports as Readonly<Record<string, unknown>>;
    if (typeof threads !== 'function' || typeof cluster !== 'function') {
      throw new TypeError('Expected the classes `FixedThreadPool` and `FixedClusterPool` to be exported');
    }
    // What both extend is in no export.
    const prototype: object = Object.getPrototypeOf(threads.prototype);
    const senders: readonly object[] = [threads.prototype, cluster.prototype];
    return { undo: patchOnce(prototype, () => patchPools(prototype, senders)) };
  },
};

function patchPools(prototype: object, senders: readonly object[]): () => void {
  const undos: (() => void)[] = [];
  const tasks = new WeakMap<object, Map<string, Task>>();
  let entering: Task | undefined;
  let hasNodes = false;
  let stopped = false;

  const tasksOf = (pool: object): Map<string, Task> => {
    let own = tasks.get(pool);
    if (own === undefined) {
      own = new Map();
      tasks.set(pool, own);
    }
    return own;
  };

  // The task that comes in right now is told by its number when it starts or is put into a queue, whichever is first.
  function take(pool: object, taskId: string | undefined): Task | undefined {
    if (taskId === undefined) return undefined;
    const known = tasksOf(pool).get(taskId);
    if (known !== undefined || entering === undefined) return known;
    const task = entering;
    entering = undefined;
    tasksOf(pool).set(taskId, task);
    return task;
  }

  function end(pool: object, taskId: string | undefined, how: 'finished' | 'failed' | 'dropped'): void {
    const task = taskId === undefined ? undefined : tasks.get(pool)?.get(taskId);
    if (task === undefined || taskId === undefined) return;
    tasks.get(pool)?.delete(taskId);
    task.task[how]();
  }

  /** The class of the workers' nodes is in no export either. */
  function learnNodes(pool: object, node: object): void {
    poolsOfNodes.set(node, new WeakRef(pool));
    if (hasNodes || stopped) return;
    hasNodes = true;
    const nodes: object = Object.getPrototypeOf(node);
    undos.push(
      replaceMethod(nodes, 'enqueueTask', (original) => {
        return function (this: object, ...args) {
          const pool = poolsOfNodes.get(this)?.deref();
          if (pool !== undefined) take(pool, (args[0] as TaskMessage).taskId);
          return original.apply(this, args);
        };
      }),
      // Called for a task that is called off while it waits.
      replaceMethod(nodes, 'deleteTask', (original) => {
        return function (this: object, ...args) {
          const pool = poolsOfNodes.get(this)?.deref();
          if (pool !== undefined) end(pool, (args[0] as TaskMessage).taskId, 'dropped');
          return original.apply(this, args);
        };
      }),
    );
  }

  function before(key: string, tell: (pool: Pool, args: readonly unknown[]) => void): void {
    undos.push(
      replaceMethod(prototype, key, (original) => {
        return function (this: Pool, ...args) {
          try {
            if (!stopped) tell(this, args);
          } catch {
            // Not as this version should be; the task matters more.
          }
          return original.apply(this, args);
        };
      }),
    );
  }

  try {
    undos.push(
      // The first thing that the constructor calls.
      replaceMethod(prototype, 'checkPoolType', (original) => {
        function checkPoolType(this: Pool, ...args: unknown[]): unknown {
          if (!stopped) poolOf(this, checkPoolType);
          return original.apply(this, args);
        }
        return checkPoolType;
      }),
      replaceMethod(prototype, 'createWorkerNode', (original) => {
        return function (this: Pool, ...args) {
          const node = original.apply(this, args);
          attempt(() => learnNodes(this, node));
          return node;
        };
      }),
      replaceMethod(prototype, 'internalExecute', (original) => {
        function internalExecute(this: Pool, ...args: unknown[]): unknown {
          if (stopped) return original.apply(this, args);
          attempt(() => {
            for (const node of this.workerNodes) if (!poolsOfNodes.has(node)) learnNodes(this, node);
          });
          const task: Task = { task: poolOf(this, internalExecute).added(), node: undefined };
          const outer = entering;
          entering = task;
          try {
            return original.apply(this, args);
          } finally {
            // Nobody took it: no worker could be chosen.
            if (entering === task) task.task.dropped();
            entering = outer;
          }
        }
        return internalExecute;
      }),
    );
    before('beforeTaskExecutionHook', (pool, [key, message]) => {
      const task = take(pool, (message as TaskMessage).taskId);
      if (task === undefined) return;
      task.node = pool.workerNodes[key as number];
      task.task.started();
    });
    before('handleTaskExecutionResponse', (pool, [message]) => {
      const { taskId, workerError } = message as TaskMessage;
      end(pool, taskId, workerError === undefined || workerError === null ? 'finished' : 'failed');
    });
    // What ran on a worker that is gone gets no answer any more.
    before('removeWorkerNode', (pool, [node]) => {
      for (const [taskId, task] of tasks.get(pool) ?? []) if (task.node === node) end(pool, taskId, 'failed');
    });
    for (const sender of senders) {
      undos.push(
        replaceMethod(sender, 'sendToWorker', (original) => {
          return function (this: Pool, ...args) {
            try {
              return original.apply(this, args);
            } catch (error) {
              // Data that cannot be cloned.
              end(this, (args[1] as TaskMessage | undefined)?.taskId, 'failed');
              throw error;
            }
          };
        }),
      );
    }
  } catch (error) {
    undoAll(undos);
    throw error;
  }
  return () => {
    stopped = true;
    undoAll(undos);
    // Nobody tells of their end any more.
    forgetTasks(TYPE);
  };
}

const poolsOfNodes = new WeakMap<object, WeakRef<object>>();

function poolOf(pool: Pool, below: (...args: never[]) => unknown): FoundQueue {
  return foundWorkerPool(pool, POOLS, below);
}

// Without a queue every task is sent to a worker at once, however many that has already: more of them run then than the
// pool has workers for.
function capacityOf({ minimumNumberOfWorkers, maximumNumberOfWorkers, opts }: Pool): number {
  const each = opts.enableTasksQueue === true ? (opts.tasksQueueOptions?.concurrency ?? 1) : 1;
  return (maximumNumberOfWorkers ?? minimumNumberOfWorkers) * each;
}
