// The traced ES modules as their own code tells of them, from whichever copy of the package it was given its lines.
import { sharedState } from '../shared-state.js';
import { DEFAULT_NAME } from './es-exports.js';
import type { Exported } from './exported.js';

/** A module that was evaluated. */
export interface ToldModule {
  readonly url: string;
  readonly exported: Exported;
}

/** What copies of the package share of them. */
export interface TracedModules {
  readonly known: ToldModule[];
  readonly listeners: Set<(module: ToldModule) => void>;
  /** Called by the lines at the end of a module. Never throws. */
  told(
    url: string,
    read: () => readonly (readonly [name: string, value: unknown])[],
    write: (name: string, value: unknown) => boolean | undefined,
    stars: readonly object[],
    passed?: readonly (readonly [name: string, module: object, original: string])[],
  ): void;
}

/** Tells of each ES module that was given its lines, those before too; returns the undo. `onTold` must not throw. */
export function onToldModule(onTold: (module: ToldModule) => void): () => void {
  const state = sharedState();
  state.tracedModules ??= createTracedModules();
  const { known, listeners } = state.tracedModules;
  for (const module of known) onTold(module);
  listeners.add(onTold);
  return () => {
    listeners.delete(onTold);
  };
}

function createTracedModules(): TracedModules {
  const known: ToldModule[] = [];
  const listeners = new Set<(module: ToldModule) => void>();
  return {
    known,
    listeners,
    told(url, read, write, stars, passed = []) {
      try {
        const values = new Map<string, unknown>();
        // What a module exports itself comes before what it passes on.
        for (const star of stars) {
          for (const name of Object.getOwnPropertyNames(star))
            if (name !== 'default') takeFrom(star, name, name, values);
        }
        for (const [name, module, original] of passed) takeFrom(module, original, name, values);
        for (const [name, value] of read()) values.set(name, value);
        nameDefault(values.get('default'));
        const replace: Exported['replace'] = (name, value) => {
          const before = values.get(name);
          if (!isWritten(write, name, value)) return undefined;
          values.set(name, value);
          return () => {
            const [, current] = read().find(([one]) => one === name) ?? [];
            const isBack = current === value && isWritten(write, name, before);
            // Who starts again later is to see what is there.
            values.set(name, isBack ? before : current);
          };
        };
        const module = { url, exported: { values, replace } };
        known.push(module);
        for (const listener of listeners) listener(module);
      } catch {
        sharedState().failures.count++;
      }
    },
  };
}

// In a cycle of imports some of what another module exports is not there yet.
function takeFrom(module: object, original: string, name: string, values: Map<string, unknown>): void {
  try {
    values.set(name, Reflect.get(module, original));
  } catch {
    // It is traced where it is declared, if at all.
  }
}

// False for a constant, and for what the module imports itself.
function isWritten(
  write: (name: string, value: unknown) => boolean | undefined,
  name: string,
  value: unknown,
): boolean {
  try {
    return write(name, value) === true;
  } catch {
    return false;
  }
}

// The code had no name for it, and the language calls it so.
function nameDefault(value: unknown): void {
  if (typeof value === 'function' && value.name === DEFAULT_NAME) {
    Object.defineProperty(value, 'name', { value: 'default', configurable: true });
  }
}
