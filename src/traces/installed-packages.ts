// Finds packages as the application itself would: an SDK that we brought would be another copy than the application's.
import { join } from 'node:path';

// Not imported: bundlers would try to follow what is required through it, and warn.
const { createRequire } = process.getBuiltinModule('node:module');

/** Where `require` looks for a package. */
export type Require = (name: string) => unknown;

/** A package that was found. */
export interface Installed {
  readonly name: string;
  readonly exports: unknown;
  /** Finds what the package itself depends on, which need not be within the application's reach. */
  readonly require: Require;
}

/** The file of a package; undefined where it is not installed. */
export function resolveInstalled(name: string): string | undefined {
  for (const place of places()) {
    const { resolve } = createRequire(place);
    const path = tryTo(() => resolve(name));
    if (path !== undefined) return path;
  }
  return undefined;
}

/** Requires as the package with the file `path` does, also in a thread whose program is no file. */
export function createPackageRequire(path: string): Require {
  return createRequire(path);
}

/** Loads the first of `names` that is installed; undefined where none is. Throws what loading one of them throws. */
export function loadInstalled(names: readonly string[]): Installed | undefined {
  for (const name of names) {
    const path = resolveInstalled(name);
    if (path === undefined) continue;
    const inside = createRequire(path);
    return { name, exports: inside(path), require: inside };
  }
  return undefined;
}

/** Loads what `load` loads; undefined where it is not installed. */
export function tryTo<T>(load: () => T): T | undefined {
  try {
    return load();
  } catch {
    return undefined;
  }
}

// The entry file first: a program may be started from any folder. Its path may lack the ending, or name a folder.
function places(): readonly string[] {
  const [, entry] = process.argv;
  const folder = join(process.cwd(), 'any.js');
  return entry === undefined ? [folder] : [join(entry, 'any.js'), folder];
}
