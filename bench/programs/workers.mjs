// A process with many worker threads that have little to do, and one that is sent messages.
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { answerWith } from './answer.mjs';
import { readMainThreadUs } from './thread-time.mjs';

const NAMES = 20;
const FILE = new URL('idle-worker.mjs', import.meta.url);

const workers = [];
let sink;

const online = (worker) => new Promise((resolve, reject) => worker.once('online', resolve).once('error', reject));

answerWith({
  async listen() {
    const { current } = await import('loopsight');
    return (await current().endpoint).url;
  },
  async begin({ count, kind = 'idle' }) {
    for (let begun = workers.length; begun < count; begun++) {
      const worker = new Worker(FILE, { name: `pool ${begun % NAMES}`, workerData: kind });
      workers.push(worker);
      await online(worker);
    }
  },
  /** Milliseconds from the creation of a worker that does nothing until its end, one after the other. */
  async start(count) {
    const times = [];
    for (let started = 0; started < count; started++) {
      const fromMs = performance.now();
      const worker = new Worker(FILE, { name: 'brief', workerData: 'brief' });
      await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
      times.push(performance.now() - fromMs);
    }
    return times;
  },
  /** Nanoseconds of this thread for each message that is sent, and for all threads and the way there and back, microseconds. */
  async send(count) {
    sink ??= new Worker(FILE, { name: 'sink', workerData: 'sink' });
    const done = new Promise((resolve) => sink.once('message', resolve));
    const startMs = performance.now();
    const before = readMainThreadUs();
    sink.postMessage(count);
    for (let sent = 0; sent < count; sent++) sink.postMessage(0);
    const sentUs = readMainThreadUs() - before;
    await done;
    return { sentNs: (sentUs * 1000) / count, totalUs: ((performance.now() - startMs) * 1000) / count };
  },
  usage: () => ({
    cpuUs: process.cpuUsage().user + process.cpuUsage().system,
    mainUs: readMainThreadUs(),
    activeMs: performance.eventLoopUtilization().active,
    collectMs: Number.NaN,
  }),
  write: () => ({
    cpuUs: process.cpuUsage().user + process.cpuUsage().system,
    mainUs: readMainThreadUs(),
    activeMs: performance.eventLoopUtilization().active,
    collectMs: Number.NaN,
  }),
});
