// The calls that throw: those that wait for something else, or have an asynchronous form. Hashes and JSON are not among them.
import { type CallGroup, TIMED_CALLS, WAITING_CALLS } from '../calls.js';

const MODULES: ReadonlySet<string> = new Set(['fs', 'child_process', 'zlib', 'sqlite']);

/** What throws. */
export const GUARDED_CALLS: readonly CallGroup[] = [
  ...TIMED_CALLS.filter(({ module = '' }) => MODULES.has(module)).map((group) =>
    // node:sqlite prints a warning when it is loaded.
    group.module === 'sqlite' ? group : { ...group, isEager: true },
  ),
  // A few random bytes are no wait.
  { module: 'crypto', label: 'crypto', holder: (module) => module, names: /^(?!randomFill).*Sync$/, isEager: true },
  ...WAITING_CALLS,
];
