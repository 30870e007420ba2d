// process.uptime
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { METRICS } from '../../src/metric-names.js';
import { observe } from './observe.js';

/** Exposes the time since the process (not the thread) started. */
export function observeUptime(context: MonitorContext): Monitor {
  return observe(context, METRICS.processUptime, () => process.uptime());
}
