// Worker threads: what their loops do, how many run and how they end, read from outside so that a blocked one delays nobody.
import { errorMonitor } from 'node:events';
import { setEnvironmentData, type Worker } from 'node:worker_threads';
import type { MonitorDefinition } from '../../src/instrumentation.js';
import {
  announceThread,
  BOARD_KEY,
  type Board,
  HEAD,
  lostSleepMs,
  markEnded,
  taskWaitMs,
} from '../../src/worker-board/memory.js';
import { foldEnded } from '../../src/worker-board/totals.js';
import { findWorkers } from './find-workers.js';
import { createLoopUsage, type LoopUsage } from './loop-usage.js';
import { poolNameOf } from './pool-workers.js';
import { createThreadGroup, type ThreadGroup } from './thread-group.js';
import { createNameLimit, threadNameOf, watchThreadNames } from './thread-names.js';
import { type WorkerMessages, watchWorkerMessages } from './worker-messages.js';
import { UNNAMED } from './worker-names.js';

// After its end a worker's loop reads 0, so what it did since the last reading is lost: at most this much of each.
const SAMPLE_INTERVAL_MS = 1000;
const MAIN_THREAD = 0;
// A worker that is found to be gone without its `exit` event having reached us.
const UNKNOWN_EXIT = 'unknown';

export interface WorkerThreadsOptions {
  /** Where the workers write their lag; without it they write none. Whoever exposes metrics reads it. */
  readonly board?: Board | undefined;
}

interface Running {
  readonly threadId: number;
  /** Its place on the board, if it has one. */
  readonly slot: number | undefined;
  readonly usage: LoopUsage;
  readonly group: ThreadGroup;
  readonly exited: (exitCode: number) => void;
  readonly errored: (error: unknown) => void;
}

/**
 * Records the workers that this thread creates from now on, subclasses and pools included. Node tells only the thread
 * that creates a worker of it: workers of workers are seen where the monitor runs in their parent.
 */
export function createWorkerThreadsMonitor({ board }: WorkerThreadsOptions = {}): MonitorDefinition {
  return {
    name: 'worker-threads',
    meterOf: 'event-loop',
    start({ recorder, clock, report }) {
      const limitName = createNameLimit();
      const groups = new Map<string, ThreadGroup>();
      const running = new Map<Worker, Running>();
      let timer: NodeJS.Timeout | undefined;

      function groupOf(name: string): ThreadGroup {
        let group = groups.get(name);
        if (group === undefined) {
          group = createThreadGroup(recorder, name);
          groups.set(name, group);
        }
        return group;
      }

      function found(worker: Worker): void {
        try {
          const own = threadNameOf(worker);
          const name = limitName(own === UNNAMED ? (poolNameOf(worker) ?? own) : own);
          const group = groupOf(name);
          const { threadId } = worker;
          const slot = board === undefined ? undefined : announceThread(board, threadId, name, MAIN_THREAD);
          messages?.watch(worker);
          const usage = createLoopUsage(clock.monotonicMs());
          const exited = (exitCode: number) => ended(worker, String(exitCode));
          // Never an `error` listener: it would swallow what the worker threw. The monitor of errors does not.
          worker.on('exit', exited);
          const errored = (error: unknown) => group.failed(error);
          worker.on(errorMonitor, errored);
          running.set(worker, { threadId, slot, usage, group, exited, errored });
          group.join(usage);
          timer ??= setInterval(sample, SAMPLE_INTERVAL_MS).unref();
        } catch (error) {
          report('a worker thread could not be watched', error);
        }
      }

      function ended(worker: Worker, exitCode: string): void {
        const entry = running.get(worker);
        if (entry === undefined) return;
        running.delete(worker);
        try {
          entry.group.leave(entry.usage, exitCode);
          messages?.forget(worker);
          if (board !== undefined) {
            markEnded(board, entry.threadId);
            foldEnded(board);
          }
        } catch (error) {
          report('the exit of a worker thread could not be counted', error);
        }
        if (running.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      }

      function sample(): void {
        const nowMs = clock.monotonicMs();
        for (const [worker, { usage, threadId, slot }] of running) {
          try {
            // The application may have removed all listeners of its worker, ours among them.
            if (worker.threadId === -1) ended(worker, UNKNOWN_EXIT);
            else {
              const time = worker.performance.eventLoopUtilization();
              usage.take(
                time,
                nowMs,
                board === undefined || slot === undefined
                  ? 0
                  : taskWaitMs(board, slot, threadId, nowMs) + lostSleepMs(board, slot, threadId),
              );
            }
          } catch (error) {
            report('a worker thread could not be read', error);
          }
        }
        // Workers of workers end without a word to this thread.
        if (board !== undefined) foldEnded(board);
      }

      const undoCollect = recorder.onCollect(() => {
        sample();
        for (const group of groups.values()) group.observe();
      });
      const undoNames = watchThreadNames();
      const messages: WorkerMessages | undefined = board === undefined ? undefined : watchWorkerMessages(board);
      const undoFind = findWorkers(found);
      if (board !== undefined) setEnvironmentData(BOARD_KEY, board.buffer);

      return {
        stop() {
          undoFind();
          messages?.stop();
          undoNames();
          undoCollect();
          clearInterval(timer);
          timer = undefined;
          if (board !== undefined) {
            setEnvironmentData(BOARD_KEY, undefined);
            Atomics.store(board.ints, HEAD.closed, 1);
          }
          for (const [worker, { exited, errored }] of running) {
            worker.off('exit', exited);
            worker.off(errorMonitor, errored);
          }
          running.clear();
          for (const group of groups.values()) group.release();
          groups.clear();
        },
      };
    },
  };
}

/** The monitor without lag: an application's own Meter takes no histogram that was counted elsewhere. */
export const workerThreadsMonitor: MonitorDefinition = createWorkerThreadsMonitor();
