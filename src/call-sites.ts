// The stack as V8 has it, without making a text of it.

/** The innermost `limit` call sites below the function `below`, which must be on the stack; empty where V8 does not tell. */
export function callSites(below: (...args: never[]) => unknown, limit: number): readonly NodeJS.CallSite[] {
  const { stackTraceLimit, prepareStackTrace } = Error;
  try {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = (_error, sites) => sites;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, below);
    return Array.isArray(holder.stack) ? holder.stack : [];
  } catch {
    // Frozen intrinsics, say.
    return [];
  } finally {
    restore('stackTraceLimit', stackTraceLimit);
    restore('prepareStackTrace', prepareStackTrace);
  }
}

function restore(key: 'stackTraceLimit' | 'prepareStackTrace', value: unknown): void {
  try {
    Reflect.set(Error, key, value);
  } catch {
    // It could not be changed either.
  }
}
