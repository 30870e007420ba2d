// Code that V8 optimized before a profiler ran: thrown away, so that a profile knows what was inlined where.
import type { CdpConnection } from '../cdp/connection.js';
import { nodeProfilesBy } from '../profiling/node-profiles.js';
import { hasProc, readFacts } from './process-facts.js';

/**
 * Has V8 compile everything anew that it has optimized. It keeps apart what it inlined only in code that it compiles while a
 * profiler runs: in older code the time of a function is that of its caller, and an async function's that of the engine.
 * Call it right after `Profiler.start`, without waiting for that. What V8 is just compiling then may still lack it. Never rejects.
 */
export async function compileAnew(connection: CdpConnection): Promise<void> {
  // Counting how often functions run begins with that, and nobody wants the counts.
  const begun = connection.post('Profiler.startPreciseCoverage', { callCount: false, detailed: false });
  const ended = connection.post('Profiler.stopPreciseCoverage');
  await Promise.allSettled([begun, ended]);
}

/**
 * Whether V8's profiler is nobody else's in the process: where Node counts itself (NODE_V8_COVERAGE), its counts would be lost
 * when code is compiled anew, and it writes profiles of the console to standard error. What cannot be read may be so.
 */
export function ownsProfiler(pid: number): boolean {
  const facts = hasProc() ? readFacts(pid) : undefined;
  if (facts === undefined || facts.environment.size === 0) return false;
  const { environment, command } = facts;
  const coverage = environment.get('NODE_V8_COVERAGE');
  const nodeOptions = environment.get('NODE_OPTIONS');
  return nodeProfilesBy({ coverage, nodeOptions, options: command.slice(1) }) === undefined;
}
