// Makes blocking calls throw, for test suites.
import { applicationRoot } from '../../../src/application-root.js';
import { reportFailure } from '../../../src/diagnostics.js';
import type { Monitor } from '../../../src/instrumentation.js';
import { watchLibraries } from '../../../src/loading/watch-libraries.js';
import { trueOrFalse } from '../../../src/option-values.js';
import { readFrames } from '../../../src/stalls/blame/frames.js';
import { readCallers } from '../../../src/stalls/loop/capture.js';
import { blockingLibraries } from '../libraries.js';
import { isOurs, withoutOurs } from '../own-frames.js';
import { createCallWrapping } from '../wrapping.js';
import { allowList } from './allow-list.js';
import type { BlockingCallError } from './blocking-call-error.js';
import { GUARDED_CALLS } from './guarded-calls.js';
import { addGuard, askGuards, type CallGuard, withGuard } from './guards.js';
import { judgeCall } from './judge-call.js';
import { isCalledByModuleBody } from './module-body.js';

/** What may block. */
export interface FailOnBlockingCallsOptions {
  /**
   * Patterns of what is allowed: calls (`fs.existsSync`, `fs.*`), functions that make them (`loadConfig()`), files they are
   * made in (`src/config/**`, relative to the application's root; a package's too), or a call in one of these
   * (`fs.* in src/config/**`). @default []
   */
  readonly allow?: readonly string[];
  /** Whether the calls that test files make themselves throw as well. @default false */
  readonly inTestFiles?: boolean;
}

/** Blocking calls that throw. */
export interface BlockingCallGuard extends Monitor {
  /** What was thrown so far, also where the application caught it; at most 100. */
  readonly calls: readonly BlockingCallError[];
}

/** Where tests lie; what they read and write themselves delays nobody. */
const TEST_FILES = ['**/*.test.*', '**/*.spec.*', '**/__tests__/**', 'test/**', 'tests/**'];
const CALLS_KEPT = 100;

/**
 * Makes synchronous calls throw a `BlockingCallError` instead of blocking the thread's event loop: those of fs,
 * child_process, zlib and crypto, `Atomics.wait`, node:sqlite, better-sqlite3 and bcrypt, where code of the application
 * makes them or has a package make them. Loading modules is no such call, nor is what Node does by itself.
 * Throws a TypeError that quotes a bad pattern.
 *
 * @example
 * const guard = failOnBlockingCalls({ allow: ['fs.existsSync', 'src/config/**'] });
 * guard.stop();
 */
export function failOnBlockingCalls(options: FailOnBlockingCallsOptions = {}): BlockingCallGuard {
  return startGuard(options, () => true);
}

/** As `failOnBlockingCalls`, while `isArmed`. */
export function startGuard(
  { allow = [], inTestFiles = false }: FailOnBlockingCallsOptions,
  isArmed: () => boolean,
): BlockingCallGuard & { wrapLoaded(): void; take(): BlockingCallError[] } {
  trueOrFalse.check(inTestFiles, 'inTestFiles');
  const isListed = allowList(allow);
  const isAllowed = inTestFiles ? isListed : anyOf(isListed, allowList(TEST_FILES));
  const root = applicationRoot();
  const calls: BlockingCallError[] = [];
  let isAsking = false;
  let isOn = true;

  const guard: CallGuard = (call, wrapper, args) => {
    // When the process exits, nothing waits for the loop any more.
    if (!isOn || isAsking || !isArmed() || isExiting() || isLogging(call, args)) return;
    isAsking = true;
    let error: BlockingCallError | undefined;
    try {
      const frames = readCallers(wrapper);
      if (isOurs(frames, call)) return;
      error = judgeCall(call, readFrames(withoutOurs(frames)), { root, isAllowed });
      if (error !== undefined && isCalledByModuleBody(wrapper)) return;
    } catch (failure) {
      reportFailure('a blocking call could not be judged', failure);
    } finally {
      isAsking = false;
    }
    if (error === undefined) return;
    Error.captureStackTrace(error, wrapper);
    if (calls.length < CALLS_KEPT) calls.push(error);
    throw error;
  };

  const wrapping = createCallWrapping({
    groups: GUARDED_CALLS,
    mayLoad: true,
    report: reportFailure,
    wrap: (original, call) => withGuard(original, call, guard),
  });
  const removeGuard = addGuard(guard);
  const libraries = watchLibraries(
    blockingLibraries((original, call) => withGuard(original, call, askGuards)),
    reportFailure,
  );
  return {
    calls,
    wrapLoaded: wrapping.wrapLoaded,
    take: () => calls.splice(0),
    stop() {
      // Who wrapped a call since then keeps the guard's wrapper.
      isOn = false;
      removeGuard();
      libraries.stop();
      wrapping.stop();
    },
  };
}

const anyOf =
  (...lists: readonly ReturnType<typeof allowList>[]): ReturnType<typeof allowList> =>
  (judged) =>
    lists.some((isAllowed) => isAllowed(judged));

const isExiting = (): boolean => (process as { readonly _exiting?: boolean })._exiting === true;

/** Standard output and standard error: what loggers write. */
const isLogging = (call: string, [fd]: readonly unknown[]): boolean =>
  (call === 'fs.writeSync' || call === 'fs.writevSync') && (fd === 1 || fd === 2);
