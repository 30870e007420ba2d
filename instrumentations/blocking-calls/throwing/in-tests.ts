// Blocking calls throw while a test runs: for node:test, Vitest and Jest, whose hooks are the same.
import type { BlockingCallError } from './blocking-call-error.js';
import { type BlockingCallGuard, type FailOnBlockingCallsOptions, startGuard } from './fail-on-blocking-calls.js';

type AddHook = (hook: () => void) => unknown;

/** The hooks of a test runner. */
export interface TestHooks {
  readonly beforeEach: AddHook;
  readonly afterEach: AddHook;
  /** Runs when the file is over, by its name in node:test; it takes the wrappers away. */
  readonly after?: AddHook;
  /** The same by its name in Vitest and Jest. */
  readonly afterAll?: AddHook;
}

/**
 * Makes blocking calls throw in each test of the file, as `failOnBlockingCalls` does, and fails a test whose code caught
 * what they threw. Call it in a set-up file or at the top of a test file. Throws a TypeError that quotes a bad pattern.
 *
 * @example
 * const { beforeEach, afterEach, after } = await import('node:test');
 * failOnBlockingCallsIn({ beforeEach, afterEach, after }, { allow: ['fs.existsSync'] });
 */
export function failOnBlockingCallsIn(hooks: TestHooks, options: FailOnBlockingCallsOptions = {}): BlockingCallGuard {
  const { beforeEach, afterEach } = hooks;
  if (typeof beforeEach !== 'function' || typeof afterEach !== 'function') {
    throw new TypeError('Expected `hooks` to have the functions `beforeEach` and `afterEach` of a test runner');
  }
  let tests = 0;
  const guard = startGuard(options, () => tests > 0);
  beforeEach(() => {
    guard.wrapLoaded();
    tests++;
  });
  // Jest would wait for a callback where a hook takes an argument, and Vitest reads what arguments a hook names.
  afterEach(function hook() {
    // Where another hook fails before ours, this one runs all the same.
    if (tests > 0) tests--;
    const swallowed = guard.take();
    // biome-ignore lint/complexity/noArguments: see above
    if (swallowed.length > 0 && !hasFailed(arguments[0])) throw caught(swallowed);
  });
  (hooks.after ?? hooks.afterAll)?.(() => guard.stop());
  return guard;
}

function caught(calls: readonly BlockingCallError[]): Error {
  const [first] = calls;
  const others = calls.length === 1 ? '' : ` (and ${calls.length - 1} more)`;
  return new Error(`The code under test caught the error of a blocking call${others}: ${first?.message}`, {
    cause: first,
  });
}

// node:test and Vitest tell; a test that has failed needs no second error.
function hasFailed(context: unknown): boolean {
  const { error, task } = Object(context) as {
    readonly error?: unknown;
    readonly task?: { readonly result?: { readonly state?: unknown } };
  };
  return (error ?? undefined) !== undefined || task?.result?.state === 'fail';
}
