// process.memory.usage: the resident set.
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { METRICS } from '../../src/metric-names.js';
import { observe } from './observe.js';

/** Exposes the physical memory that the process uses. */
export function observeMemory(context: MonitorContext): Monitor {
  return observe(context, METRICS.processMemoryUsage, () => process.memoryUsage.rss());
}
