// The calls that throw: those that wait for something else, or have an asynchronous form. Hashes and JSON are not among them.
import { type CallGroup, TIMED_CALLS, WAITING_CALLS } from '../calls.js';
import { loadedModule } from '../loaded-modules.js';

const MODULES: ReadonlySet<string> = new Set(['fs', 'child_process', 'zlib', 'sqlite']);

/** What throws. */
export const GUARDED_CALLS: readonly CallGroup[] = [
  ...TIMED_CALLS.filter(({ module = '' }) => MODULES.has(module)).map((group) => ({ ...group, isEager: true })),
  // A few random bytes are no wait.
  { module: 'crypto', label: 'crypto', holder: (module) => module, names: /^(?!randomFill).*Sync$/, isEager: true },
  ...WAITING_CALLS,
];

/** Loads the modules that they are in: who wraps them as well does so before the guard, and ends after it. */
export function loadGuarded(): void {
  for (const { module } of GUARDED_CALLS) if (module !== undefined) loadedModule(module, true);
}
