// Whether a blocking call is one that delays others: made by the application, once it is loaded, and not allowed.
import { type Frame, placeOf } from '../../../src/stalls/blame/frames.js';
import type { AllowList } from './allow-list.js';
import { BlockingCallError } from './blocking-call-error.js';

/** Modules are loaded synchronously, by Node and by those who do it in its place for tests. */
const LOADERS = [
  '/node_modules/jest-runtime/',
  '/node_modules/vite-node/',
  '/node_modules/vite/dist/node/module-runner',
];
/** Functions of Vitest that evaluate a module, which they await. */
const EVALUATORS: ReadonlySet<string> = new Set([
  'VitestModuleEvaluator.runInlinedModule',
  'VitestModuleEvaluator._runInlinedModule',
]);

/** The error for the call `call` that was made by `frames`, from the innermost one outwards; undefined where it may be made. */
export function judgeCall(
  call: string,
  frames: readonly Frame[],
  { root, isAllowed }: { readonly root: string; readonly isAllowed: AllowList },
): BlockingCallError | undefined {
  const running = frames.filter((frame) => !frame.isAwaited);
  if (isLoading(running) || frames.some((frame) => EVALUATORS.has(frame.function))) return undefined;
  // What Node does by itself nobody can write in another way.
  if (running.find(({ origin }) => origin !== 'engine')?.origin === 'node') return undefined;
  const culprit = running.findIndex(({ origin }) => origin === 'application');
  const frame = running[culprit];
  if (frame === undefined) return undefined;
  const places = running.slice(0, culprit + 1).map((caller) => placeOf(caller, root));
  if (isAllowed({ call, callers: places })) return undefined;
  const through = places.find((_, index) => running[index]?.origin === 'package');
  return new BlockingCallError(call, placeOf(frame, root), through?.file);
}

function isLoading(running: readonly Frame[]): boolean {
  return running.some(
    ({ path }) =>
      path.startsWith('node:internal/modules/') ||
      LOADERS.some((loader) => path.replaceAll('\\', '/').includes(loader)),
  );
}
