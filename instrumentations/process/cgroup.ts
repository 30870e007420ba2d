// loopsight.cgroup.throttled.time: how long the quota of the process's control group kept it from the CPU.
import { readFileSync } from 'node:fs';
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { METRICS } from '../../src/metric-names.js';
import { observe } from './observe.js';

const ROOT = '/sys/fs/cgroup';

/** Exposes the throttled time; no series where no control group with a quota can be read. */
export function observeCgroup(context: MonitorContext): Monitor {
  const path = cpuStatPaths(readText('/proc/self/cgroup')).find(
    (candidate) => !Number.isNaN(throttledSeconds(readText(candidate))),
  );
  if (path === undefined) return { stop() {} };
  return observe(context, METRICS.cgroupThrottledTime, () => throttledSeconds(readText(path)));
}

/** Where `cpu.stat` of the process may be, best first, by the text of `/proc/self/cgroup` (see cgroups(7)). */
export function cpuStatPaths(cgroup: string): string[] {
  const folders: string[] = [];
  for (const line of cgroup.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    if (controllers === '') folders.push(`${ROOT}${path}`, ROOT, `${ROOT}/unified${path}`);
    // Version 1; a machine that has both keeps the quota there. Inside a container the path may be the host's.
    else if (controllers.split(',').includes('cpu')) {
      folders.unshift(...[controllers, 'cpu'].flatMap((name) => [`${ROOT}/${name}${path}`, `${ROOT}/${name}`]));
    }
  }
  return [...new Set(folders.map((folder) => `${folder.replace(/\/$/, '')}/cpu.stat`))];
}

/** The throttled time in the text of a `cpu.stat`, in seconds; NaN where it tells none. */
export function throttledSeconds(cpuStat: string): number {
  const microseconds = /^throttled_usec (\d+)$/m.exec(cpuStat)?.[1];
  if (microseconds !== undefined) return Number(microseconds) / 1e6;
  const nanoseconds = /^throttled_time (\d+)$/m.exec(cpuStat)?.[1];
  return nanoseconds === undefined ? Number.NaN : Number(nanoseconds) / 1e9;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
