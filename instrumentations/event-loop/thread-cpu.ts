// loopsight.thread.cpu.time: CPU time of the thread that runs the loop, apart from the threads beside it.
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';

/** Exposes the CPU time of the calling thread; no series where neither Node nor the system tells it. */
export function observeThreadCpu({ recorder }: MonitorContext, threadName: string): Monitor {
  const read = threadCpuReader();
  if (read === undefined) return { stop() {} };
  const series = recorder.observation(METRICS.threadCpuTime, { [ATTRIBUTES.threadName]: threadName });
  const forget = recorder.onCollect(() => series.set(read()));
  return {
    stop() {
      forget();
      series.release();
    },
  };
}

/** A function that returns the CPU seconds of the calling thread, if there is a way to know. */
export function threadCpuReader(): (() => number) | undefined {
  // Node 22.19, 23.9 and later.
  const { threadCpuUsage } = process as { readonly threadCpuUsage?: () => { user: number; system: number } };
  if (threadCpuUsage !== undefined) {
    return () => {
      const { user, system } = threadCpuUsage.call(process);
      return (user + system) / 1e6;
    };
  }
  // Linux numbers the main thread as the process; a worker cannot learn its own number.
  if (!isMainThread || Number.isNaN(schedstatSeconds())) return undefined;
  return schedstatSeconds;
}

// The first figure of schedstat is the time on the CPU in nanoseconds; kernels without scheduler statistics say 0.
function schedstatSeconds(): number {
  try {
    const nanoseconds = Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]);
    return nanoseconds > 0 ? nanoseconds / 1e9 : Number.NaN;
  } catch {
    return Number.NaN;
  }
}
