// What the patches of one library have in common: they are all on or all off.
import type { LibraryPatch } from '../../../src/loading/library.js';
import { undoAll } from '../../../src/loading/replace.js';
import { sharedState } from '../../../src/shared-state.js';

/** Whether a library's patches do anything: queues that were handed out keep theirs, which then pass straight through. */
export interface PatchSwitch {
  readonly isOn: boolean;
  /** Makes a patch of these undos, during which the switch is on. Where `apply` throws, nothing stays. */
  patch(apply: (undos: (() => void)[]) => LibraryPatch['exports'] | undefined): LibraryPatch;
}

/** Creates the switch of a library; it is on while any of its modules is patched. */
export function createSwitch(): PatchSwitch {
  let patches = 0;
  return {
    get isOn() {
      return patches > 0;
    },
    patch(apply) {
      const undos: (() => void)[] = [];
      let exports: LibraryPatch['exports'];
      try {
        exports = apply(undos);
      } catch (error) {
        undoAll(undos);
        throw error;
      }
      patches++;
      return {
        ...(exports === undefined ? {} : { exports }),
        undo() {
          patches--;
          undoAll(undos);
        },
      };
    },
  };
}

/** What `action` returns; undefined when it throws, which is counted and kept from the application. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    sharedState().failures.count++;
    return undefined;
  }
}

/** A function that a module exports; throws a TypeError where it exports none under that name. */
export function exportedFunction(exports: unknown, name: string): (...args: never[]) => unknown {
  const value: unknown =
    name === 'default' && typeof exports === 'function' ? exports : Reflect.get(Object(exports), name);
  if (typeof value !== 'function') throw new TypeError(`Expected the export \`${name}\` to be a function`);
  return value as (...args: never[]) => unknown;
}
