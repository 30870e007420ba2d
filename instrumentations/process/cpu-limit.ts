// loopsight.cpu.limit: how many processors the process may use, so that threads beyond them can be told.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { METRICS } from '../../src/metric-names.js';
import { cpuStatPaths } from './cgroup.js';
import { observe } from './observe.js';

/** Exposes the limit: the least quota of the control groups that can be read, else the processors that there are. */
export function observeCpuLimit(context: MonitorContext): Monitor {
  const folders = cpuStatPaths(readText('/proc/self/cgroup')).map((path) => path.replace(/\/cpu\.stat$/, ''));
  const read = (folder: string): number => {
    const quota = quotaOf(readText(`${folder}/cpu.max`));
    if (!Number.isNaN(quota)) return quota;
    return quotaOf(
      `${readText(`${folder}/cpu.cfs_quota_us`).trim()} ${readText(`${folder}/cpu.cfs_period_us`).trim()}`,
    );
  };
  // A quota may be set later, of a group that has none now.
  return observe(context, METRICS.cpuLimit, () => leastOf([...folders.map(read), availableParallelism()]));
}

/** The quota in the text of a `cpu.max`, in processors; NaN where there is none. Version 1 says -1 instead of `max`. */
export function quotaOf(cpuMax: string): number {
  const [quota = Number.NaN, period = Number.NaN] = cpuMax.trim().split(' ').map(Number);
  return quota > 0 && period > 0 ? quota / period : Number.NaN;
}

function leastOf(limits: readonly number[]): number {
  return Math.min(...limits.filter((limit) => limit > 0));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
