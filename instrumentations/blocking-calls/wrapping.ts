// Wraps the calls of some groups, those of a module once the program has loaded it; everything can be taken away again.
import { syncBuiltinESMExports } from 'node:module';
import type { Monitor } from '../../src/instrumentation.js';
import type { AnyFunction } from '../../src/stalls/loop/checkpoint.js';
import type { CallGroup } from './calls.js';
import { loadedCount } from './loaded-modules.js';
import { replaceCalls } from './replace.js';

export interface CallWrappingOptions {
  readonly groups: readonly CallGroup[];
  /** Makes the wrapper of a function; the label is such as `fs.readFileSync`. */
  readonly wrap: (original: AnyFunction, label: string) => AnyFunction;
  /** Whether modules that must be wrapped before the program sees them may be loaded for that. */
  readonly mayLoad: boolean;
  readonly report: (cause: string, error: unknown) => void;
}

/** The wrappers of one kind. */
export interface CallWrapping extends Monitor {
  /** Wraps what has been loaded since the last time; next to nothing if that is nothing. */
  wrapLoaded(): void;
}

/** Wraps what is loaded. */
export function createCallWrapping({ groups, wrap, mayLoad, report }: CallWrappingOptions): CallWrapping {
  const undos: (() => void)[] = [];
  let waiting = groups;
  let modules = -1;
  let stopped = false;

  function wrapLoaded(): void {
    if (stopped || waiting.length === 0 || modules === loadedCount()) return;
    modules = loadedCount();
    let isSeenByImports = false;
    waiting = waiting.filter((group) => {
      try {
        const replaced = replaceCalls(group, wrap, mayLoad);
        if (replaced === undefined) return true;
        undos.push(...replaced);
        isSeenByImports ||= group.module !== undefined;
      } catch (error) {
        report('a blocking call could not be wrapped', error);
      }
      return false;
    });
    if (isSeenByImports) syncBuiltinESMExports();
  }

  wrapLoaded();
  return {
    wrapLoaded,
    stop() {
      if (stopped) return;
      stopped = true;
      for (const undo of undos.splice(0)) undo();
      syncBuiltinESMExports();
    },
  };
}
