// Worker threads: what their loops do, how many run and how they end, read from outside so that a blocked one delays nobody.
import { setEnvironmentData, type Worker } from 'node:worker_threads';
import type { MonitorDefinition } from '../../src/instrumentation.js';
import { announceThread, BOARD_KEY, type Board, HEAD, markEnded } from '../../src/worker-board/memory.js';
import { foldEnded } from '../../src/worker-board/totals.js';
import { findWorkers } from './find-workers.js';
import { createLoopUsage, type LoopUsage } from './loop-usage.js';
import { createThreadGroup, type ThreadGroup } from './thread-group.js';
import { createNameLimit, threadNameOf, watchThreadNames } from './thread-names.js';

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
  readonly usage: LoopUsage;
  readonly group: ThreadGroup;
  readonly exited: (exitCode: number) => void;
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
          const name = limitName(threadNameOf(worker));
          const group = groupOf(name);
          const { threadId } = worker;
          if (board !== undefined) announceThread(board, threadId, name, MAIN_THREAD);
          const usage = createLoopUsage(clock.monotonicMs());
          const exited = (exitCode: number) => ended(worker, String(exitCode));
          // Never an `error` listener: it would swallow what the worker threw.
          worker.on('exit', exited);
          running.set(worker, { threadId, usage, group, exited });
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
        for (const [worker, { usage }] of running) {
          try {
            // The application may have removed all listeners of its worker, ours among them.
            if (worker.threadId === -1) ended(worker, UNKNOWN_EXIT);
            else usage.take(worker.performance.eventLoopUtilization(), nowMs);
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
      const undoFind = findWorkers(found);
      if (board !== undefined) setEnvironmentData(BOARD_KEY, board.buffer);

      return {
        stop() {
          undoFind();
          undoNames();
          undoCollect();
          clearInterval(timer);
          timer = undefined;
          if (board !== undefined) {
            setEnvironmentData(BOARD_KEY, undefined);
            Atomics.store(board.ints, HEAD.closed, 1);
          }
          for (const [worker, { exited }] of running) worker.off('exit', exited);
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
