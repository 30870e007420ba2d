// What `loopsight record -- program` has Node load first into the program and its workers (--require): V8 samples the
// thread, and window after window is written for the command. No program loads this otherwise.
import { watch } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers';
import * as threads from 'node:worker_threads';
import { isLauncher } from '../launchers.js';
import { sampleInWindows } from './sampled-windows.js';
import { createWindowWriter } from './window-writer.js';
import { FINISH_KEY, RECORD_VARIABLE, REQUESTS_FOLDER, type RecordRequest } from './windows-folder.js';

const FIRST_WINDOW_MS = 250;

function recordThread(request: RecordRequest): void {
  const { folder, intervalUs, windowMs } = request;
  const thread = {
    pid: process.pid,
    parent: process.ppid,
    threadId: threads.threadId,
    thread: threads.isMainThread ? 'main' : workerName(),
    nodeVersion: process.version,
    title: titleOf(process.argv),
  };
  const write = createWindowWriter(request, thread);
  if (!write(undefined, 'running')) return;
  const sampling = sampleInWindows(intervalUs, write);
  // A worker that is terminated soon has told something by then.
  let lengthMs = FIRST_WINDOW_MS;
  const next = () => setTimeout(turn, lengthMs).unref();
  next();
  process.on('exit', finish);
  process.on('worker', (worker) => {
    const { threadId } = worker;
    worker.once('exit', () => createWindowWriter(request, { ...thread, threadId })(undefined, 'gone'));
  });
  Object.defineProperty(globalThis, Symbol.for(FINISH_KEY), { value: finish });
  // A thread that sleeps hears of it at once. A system can have too many watchers; threads are asked in the other way then.
  const watcher = watch(join(folder, REQUESTS_FOLDER), { persistent: false }, finish);
  watcher.on('error', () => {});

  function turn(): void {
    lengthMs = Math.min(lengthMs * 2, windowMs);
    if (sampling.turn()) next();
  }
  function finish(): void {
    sampling.stop();
  }
}

function workerName(): string {
  // Node 22.20 and later know it.
  const { threadName } = threads as { readonly threadName?: string };
  return threadName === undefined || threadName === '' || threadName === 'WorkerThread' ? 'worker' : threadName;
}

// The program's file, as it was started; a program of one line has none.
function titleOf([command = '', file]: readonly string[]): string {
  return basename(file ?? command);
}

try {
  const given = process.env[RECORD_VARIABLE];
  if (given !== undefined && !isLauncher(process.argv)) {
    const request = JSON.parse(given) as RecordRequest;
    if (threads.isMainThread || request.threads === 'all') recordThread(request);
  }
} catch {
  // The program runs as it would without the command, which says what was not recorded.
}
