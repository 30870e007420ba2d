// Which entries of the list mean which module, and what they call it.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageFile, readManifest } from '../loading/package-file.js';
import { expressionOf, fixedFolder, isGlob } from './glob.js';
import type { TracePattern } from './patterns.js';

/** An entry, and what it came to so far. */
export interface PatternState {
  readonly pattern: TracePattern;
  /** Modules that it means and that were loaded. */
  modules: number;
  /** Functions that are traced because of it. */
  traced: number;
  /** Exports that these modules have, for the nearest names. */
  readonly exports: Set<string>;
  /** Exports that it means and that could not be replaced. */
  readonly fixed: Set<string>;
}

/** What an entry wants of one module. */
export interface Claim {
  readonly state: PatternState;
  /** Export and members, each a glob. */
  readonly path: readonly string[];
  /** What stands before the names of functions. */
  readonly moduleName: string;
  /** The name of the export where it is known by another one than in its module. */
  readonly shownAs?: string;
  /** Whether `export *` is what led here, which leaves out the default. */
  readonly isStar?: boolean;
}

export interface ClaimBook {
  readonly states: readonly PatternState[];
  /** What is wanted of the module at `location`, a path or a `file:` URL. */
  claimsOf(location: string): readonly Claim[];
  /** Wants of the module that `url` names as `specifier` what is wanted of an export that is passed on. */
  pass(url: string, specifier: string, claim: Claim): void;
}

type Match = (path: string) => string | undefined;

/** Packages that tracing a call goes through: it would trace itself without end. */
const NEVER_TRACED = /^(?:@opentelemetry\/|loopsight$)/;

/** Reads the entries, with paths relative to any of `roots`. `onModule` is told the path of each module that is asked for. */
export function openClaims(
  patterns: readonly TracePattern[],
  roots: readonly string[],
  onModule: (path: string) => void,
): ClaimBook {
  const matchers = patterns.map((pattern) => {
    const state: PatternState = { pattern, modules: 0, traced: 0, exports: new Set(), fixed: new Set() };
    return { state, match: matchOf(pattern, roots) };
  });
  // A module is asked for several times, by URL and by path: both are kept.
  const known = new Map<string, readonly Claim[]>();
  const passed = new Map<string, Claim[]>();
  const counted = new Set<string>();
  function lookUp(path: string): readonly Claim[] {
    const before = known.get(path);
    if (before !== undefined) return before;
    onModule(path);
    const isLeftOut = NEVER_TRACED.test(packageFile(path)?.name ?? '');
    const direct = (isLeftOut ? [] : matchers).flatMap(({ state, match }): Claim[] => {
      const moduleName = match(path);
      if (moduleName === undefined) return [];
      if (!counted.has(path)) state.modules++;
      return [{ state, path: state.pattern.path, moduleName }];
    });
    counted.add(path);
    const claims = [...direct, ...(passed.get(withoutEnding(path)) ?? [])];
    known.set(path, claims);
    return claims;
  }
  return {
    states: matchers.map(({ state }) => state),
    claimsOf(location) {
      const claims = known.get(location) ?? lookUp(pathOf(location));
      known.set(location, claims);
      return claims;
    },
    pass(url, specifier, claim) {
      if (!specifier.startsWith('.')) return;
      const path = pathOf(new URL(specifier, url).href);
      const key = withoutEnding(path);
      passed.set(key, [...(passed.get(key) ?? []), claim]);
      known.delete(path);
      known.delete(new URL(specifier, url).href);
    },
  };
}

/** The path of a path or a `file:` URL, with `/` between names; other URLs stay what they are. */
export function pathOf(location: string): string {
  if (!location.startsWith('file:')) return location.replaceAll('\\', '/');
  try {
    return fileURLToPath(location.split(/[?#]/, 1)[0] ?? '').replaceAll('\\', '/');
  } catch {
    return location;
  }
}

function matchOf({ module }: TracePattern, roots: readonly string[]): Match {
  if (module.kind === 'file') return matchFiles(module.glob, roots);
  return module.kind === 'package' ? matchPackage(module.name, module.file) : () => undefined;
}

function matchFiles(glob: string, roots: readonly string[]): Match {
  const isAbsolute = /^(?:\/|[A-Za-z]:\/)/.test(glob);
  const absolute = isAbsolute ? [glob] : [...new Set(roots)].map((root) => joined(pathOf(root), glob));
  const places = absolute.map(resolved).map((one) => ({ expression: expressionOf(one), folder: fixedFolder(one) }));
  const isInPackages = glob.includes('node_modules');
  return (path) => {
    if (!isInPackages && path.includes('/node_modules/')) return undefined;
    const place = places.find(({ expression }) => expression.test(path));
    return place === undefined ? undefined : moduleNameOf(path, place.folder);
  };
}

function matchPackage(name: string, file: string | undefined): Match {
  const entries = new Map<string, ReadonlySet<string>>();
  const expression = file === undefined ? undefined : expressionOf(file);
  const moduleName = file === undefined || isGlob(file) ? name : `${name}/${withoutEnding(file)}`;
  return (path) => {
    const found = packageFile(path);
    if (found?.name !== name) return undefined;
    if (expression !== undefined) {
      const isMeant = [found.file, withoutEnding(found.file)].some((one) => expression.test(one));
      return isMeant ? moduleName : undefined;
    }
    const known = entries.get(found.folder) ?? readManifest(found.folder)?.entries ?? new Set();
    entries.set(found.folder, known);
    return known.has(found.file) ? moduleName : undefined;
  };
}

// Modules are known by their real paths: an entry may name a folder by a link to it.
function resolved(glob: string): string {
  const folder = fixedFolder(glob);
  try {
    return pathOf(realpathSync(folder)) + glob.slice(folder.length);
  } catch {
    return glob;
  }
}

function joined(root: string, glob: string): string {
  const parts = root.split('/');
  for (const part of glob.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** `users/get` for `<folder>/users/get.js`, and the folder's name for its `index.js`. */
function moduleNameOf(path: string, folder: string): string {
  const name = withoutEnding(path.slice(folder.length + 1)).replace(/(?:^|\/)index$/, '');
  return name === '' ? folder.slice(folder.lastIndexOf('/') + 1) : name;
}

function withoutEnding(path: string): string {
  return path.replace(/\.[cm]?[jt]sx?$/, '');
}
