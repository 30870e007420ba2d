// Every Worker that this thread creates, without a change to the code: told by the process and by a diagnostics channel.
import diagnosticsChannel from 'node:diagnostics_channel';
import { Worker } from 'node:worker_threads';
import { isOwn } from '../../src/own.js';
import { isInternal } from './worker-names.js';

const CHANNEL = 'worker_threads';

/**
 * Calls `found` once for each Worker that is created from now on, after the code that created it has run; returns its
 * undo. Workers of Node itself (module loader hooks) and those marked as our own are left out.
 */
export function findWorkers(found: (worker: Worker) => void): () => void {
  const seen = new WeakSet<Worker>();
  let stopped = false;

  function settle(worker: unknown): void {
    // Anybody may emit or publish under these names.
    if (stopped || !(worker instanceof Worker) || seen.has(worker)) return;
    seen.add(worker);
    if (!isInternal(worker) && !isOwn(worker)) found(worker);
  }
  // The channel speaks inside the constructor, before anybody could mark the worker.
  function constructed(message: unknown): void {
    process.nextTick(settle, (message as { readonly worker?: unknown } | undefined)?.worker);
  }

  process.on('worker', settle);
  // The application may remove all listeners of the process; the channel is the second way.
  diagnosticsChannel.subscribe(CHANNEL, constructed);
  return () => {
    stopped = true;
    process.off('worker', settle);
    diagnosticsChannel.unsubscribe(CHANNEL, constructed);
  };
}
