// Says once which entries mean nothing that was loaded, and what their authors may have meant.
import { type PatternState, pathOf } from './claims.js';
import { nearestNames } from './nearest-names.js';
import type { Framework } from './patterns.js';

/** The files that were loaded, for the nearest names. */
export interface SeenFiles {
  add(location: string): void;
  /** Paths as an entry would name them, and names of packages. */
  readonly names: ReadonlySet<string>;
}

/** A program has loaded what it needs by then; what it loads later is traced all the same. */
const TELL_AFTER_MS = 5000;
const SEEN_LIMIT = 5000;
/** What is patched for handlers; a framework that tells of itself can be part of a bundle, and is not missed. */
const PACKAGES_OF: Readonly<Record<Framework, readonly string[]>> = {
  express: ['express'],
  fastify: [],
  hono: ['hono'],
  koa: ['@koa/router', 'koa-router'],
};

export function createSeenFiles(roots: readonly string[]): SeenFiles {
  const folders = roots.map((root) => `${pathOf(root)}/`);
  const names = new Set<string>();
  return {
    names,
    add(location) {
      if (names.size >= SEEN_LIMIT || location.startsWith('node:') || !/[\\/]/.test(location)) return;
      const path = pathOf(location);
      const [, packageName] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
      if (packageName !== undefined) names.add(packageName);
      else {
        const folder = folders.find((one) => path.startsWith(one));
        names.add(folder === undefined ? path : `./${path.slice(folder.length)}`);
      }
    },
  };
}

/** Tells of the entries that came to nothing, some seconds from now or when the program ends before; returns the undo. */
export function tellUnmatched(
  states: readonly PatternState[],
  seen: SeenFiles,
  tell: (sentence: string) => void,
): () => void {
  function tellAll(): void {
    stop();
    for (const state of states) {
      const sentence = sentenceOf(state, seen);
      if (sentence !== undefined) tell(sentence);
    }
  }
  const timer = setTimeout(tellAll, TELL_AFTER_MS);
  timer.unref();
  // A program that fails has something else to say.
  const tellAtEnd = (code: number) => {
    if (code === 0) tellAll();
  };
  process.on('exit', tellAtEnd);
  function stop(): void {
    clearTimeout(timer);
    process.off('exit', tellAtEnd);
  }
  return stop;
}

/** What is to be said about an entry; undefined where it traces something, or leaves something out. */
export function sentenceOf(state: PatternState, seen: SeenFiles): string | undefined {
  const { pattern, modules, traced, exports, fixed } = state;
  if (pattern.isExcluding || traced > 0) return undefined;
  const { module, text } = pattern;
  if (module.kind === 'handlers') {
    const packages = PACKAGES_OF[module.framework];
    const isThere = packages.length === 0 || packages.some((name) => seen.names.has(name));
    return isThere ? undefined : `LOOPSIGHT_TRACE: ${text}: ${packages.join(' or ')} was not loaded`;
  }
  if (modules === 0) {
    const wanted = module.kind === 'file' ? module.glob : text.split('#', 1).join();
    return `LOOPSIGHT_TRACE: no module that was loaded is ${wanted}${meant(wanted, seen.names)}`;
  }
  if (fixed.size > 0) {
    const names = [...fixed].join(', ');
    return `LOOPSIGHT_TRACE: ${text} cannot be traced: ${names} is passed on from another module, or was loaded before; name the module that declares it`;
  }
  const wanted = pattern.path.join('.');
  return `LOOPSIGHT_TRACE: ${text} matches ${modules === 1 ? 'a module' : `${modules} modules`}, but no function that is exported as ${wanted}${meant(wanted, exports)}`;
}

function meant(wanted: string, known: Iterable<string>): string {
  const nearest = nearestNames(wanted.replace(/[*?{].*$/, '') || wanted, known);
  return nearest.length === 0 ? '' : `; nearest: ${nearest.join(', ')}`;
}
