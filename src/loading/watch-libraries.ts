// Patches libraries when they are loaded, each once in a process however many copies of us watch for it.
import { reportObstacle } from '../diagnostics.js';
import type { Monitor } from '../instrumentation.js';
import type { Library } from './library.js';
import { isWithin, type Manifest } from './package-file.js';
import { undoAll } from './replace.js';
import { type FoundModule, type Seeker, seek } from './seekers.js';
import { leave, queueUp, type Turn } from './turns.js';

type Report = (cause: string, error: unknown) => void;

/** What was said already: each unknown version once. */
const said = new Set<string>();
/** By library: the modules that were patched so far, their functions, and those that took the places of these. */
const patched = new Map<string, WeakSet<object>>();

/**
 * Patches the libraries when they are loaded, by `require` or `import`, also those loaded before; `stop` undoes every
 * patch. Of several who watch for the same library the first patches it, and the next one when that one stops. A version
 * that is not known is left alone, which `diag` is told once. Never throws.
 */
export function watchLibraries(libraries: readonly Library[], report: Report): Monitor {
  const watches = libraries.map((library) => createWatch(library, report));
  const first = watches.filter(({ key, turn }) => queueUp(key, turn));
  // All that were queued up for are looked for at once: the modules that are there are gone through for each `seek`.
  if (first.length > 0) guard(report, () => beginAll(first));
  return {
    stop() {
      for (const { key, turn } of watches.splice(0)) leave(key, turn);
    },
  };
}

interface Watch {
  readonly key: string;
  readonly seeker: Seeker;
  readonly turn: Turn;
  /** Run when the turn ends. */
  readonly undos: (() => void)[];
}

function beginAll(watches: readonly Watch[]): void {
  const stopSeeking = seek(watches.map(({ seeker }) => seeker));
  let left = watches.length;
  for (const { undos } of watches) {
    undos.push(() => {
      if (--left === 0) stopSeeking();
    });
  }
}

function createWatch(library: Library, report: Report): Watch {
  const undos: (() => void)[] = [];
  const done = new WeakSet<object>();
  let isOn = true;
  const seeker: Seeker = {
    library,
    found(module) {
      if (!isOn || done.has(module.identity)) return;
      done.add(module.identity);
      if (isAgain(library, module) || !isKnown(library, module.manifest)) return;
      guard(report, () => undos.push(patch(library, module)), `the library ${library.name} could not be patched`);
    },
  };
  const watch: Watch = {
    key: keyOf(library),
    seeker,
    undos,
    turn: {
      begin() {
        guard(report, () => beginAll([watch]));
      },
      end() {
        isOn = false;
        undoAll(undos.splice(0));
      },
    },
  };
  return watch;
}

const keyOf = ({ name, file = '' }: Library): string => `${name}/${file}`;

// A module that only passes on what one exports that was patched: the ES half of a CommonJS package, or what hooks of
// somebody else put before a module.
function isAgain(library: Library, { identity, exports }: FoundModule): boolean {
  const known = patched.get(keyOf(library));
  // A module itself is patched again after a stop.
  if (known === undefined || known.has(identity)) return false;
  const functions = functionsOf(exports);
  return functions.length > 0 && functions.every((one) => known.has(one));
}

function remember(library: Library, seen: readonly object[]): void {
  const known = patched.get(keyOf(library)) ?? new WeakSet();
  patched.set(keyOf(library), known);
  for (const one of seen) known.add(one);
}

function functionsOf(exports: unknown): object[] {
  const own = Object.values(Object.getOwnPropertyDescriptors(Object(exports))).map(({ value }) => value);
  return [exports, ...own].filter((value): value is object => typeof value === 'function');
}

function isKnown({ name, from, below }: Library, { version }: Manifest): boolean {
  if (isWithin(version, from, below)) return true;
  const text = `${name} ${version} is left alone: known are versions from ${from} to below ${below}`;
  if (!said.has(text)) reportObstacle(text);
  said.add(text);
  return false;
}

function patch(library: Library, module: FoundModule): () => void {
  const { exports: changes = {}, undo } = library.patch(module.exports);
  const undos = [undo];
  remember(library, [module.identity, ...functionsOf(module.exports), ...functionsOf(changes)]);
  // The value of the module itself first: names are changed on what it is then.
  const names = Object.keys(changes).sort((one, other) => Number(other === 'default') - Number(one === 'default'));
  for (const name of names) {
    const undoChange = module.change(name, changes[name]);
    if (undoChange === undefined) {
      undoAll(undos);
      throw new TypeError(`its export \`${name}\` cannot be changed`);
    }
    undos.push(undoChange);
  }
  return () => undoAll(undos);
}

function guard(report: Report, action: () => void, cause = 'libraries could not be watched for'): void {
  try {
    action();
  } catch (error) {
    report(cause, error);
  }
}
