// What LOOPSIGHT_TRACE switches on: exports and methods as they are loaded, and handlers of frameworks.
import { traceHandlersOf } from '../../instrumentations/handlers/index.js';
import { applicationRoot } from '../application-root.js';
import { reportFailure } from '../diagnostics.js';
import type { Monitor } from '../instrumentation.js';
import { undoAll } from '../loading/replace.js';
import { logLine } from '../log.js';
import { parsePattern } from './patterns.js';
import { startTracing } from './start-tracing.js';

export interface TraceOptions {
  /** Entries that were checked, as the option `trace` has them. */
  readonly trace: readonly string[];
  /** Whether entries that mean nothing are told of on standard error. */
  readonly log: boolean;
}

/** Traces what the entries name until it is stopped. Nothing throws. */
export function startTrace({ trace, log }: TraceOptions): Monitor {
  if (trace.length === 0) return { stop() {} };
  const frameworks = trace.flatMap((entry) => {
    const { module } = parsePattern(entry, 'trace');
    return module.kind === 'handlers' ? [module.framework] : [];
  });
  const monitors: Monitor[] = [];
  try {
    if (frameworks.length > 0) monitors.push(traceHandlersOf([...new Set(frameworks)], reportFailure));
    // Where an entry is written for one folder it may be started from another.
    const roots = [...new Set([applicationRoot(), process.cwd()])].filter((root) => root !== '');
    const tell = log ? logLine : () => {};
    monitors.push(startTracing(trace, { roots, tell, report: reportFailure }));
  } catch (error) {
    reportFailure('functions could not be traced as they are loaded', error);
  }
  return { stop: () => undoAll(monitors.splice(0).map((monitor) => () => monitor.stop())) };
}
