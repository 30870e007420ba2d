// Which file of which package a module is, by its path alone; what its manifest says is read once a library was met.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A module of a package. */
export interface PackageFile {
  /** The folder of the package, with `/` between names. */
  readonly folder: string;
  /** The name of that folder below `node_modules`, such as `p-queue` or `@scope/name`. */
  readonly name: string;
  /** The module within the package, such as `dist/index.js`. */
  readonly file: string;
}

/** What is known of a package by its manifest. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  /** The modules that its name stands for, such as `dist/index.js`. */
  readonly entries: ReadonlySet<string>;
}

const NODE_MODULES = '/node_modules/';

/** The package that `location` (a path or a `file:` URL) belongs to; undefined where it is in none. Never throws. */
export function packageFile(location: string): PackageFile | undefined {
  // Asked for each module that is loaded: the most are told by one look.
  if (!location.includes('node_modules')) return undefined;
  const path = pathOf(location);
  const at = path.lastIndexOf(NODE_MODULES);
  if (at === -1) return undefined;
  const start = at + NODE_MODULES.length;
  const slash = path.indexOf('/', start);
  const end = path[start] === '@' ? path.indexOf('/', slash + 1) : slash;
  if (slash === -1 || end === -1) return undefined;
  return { folder: path.slice(0, end), name: path.slice(start, end), file: path.slice(end + 1) };
}

function pathOf(location: string): string {
  const [address = ''] = location.startsWith('file:') ? location.split(/[?#]/, 1) : [location];
  try {
    return (address.startsWith('file:') ? fileURLToPath(address) : address).replaceAll('\\', '/');
  } catch {
    return '';
  }
}

/** The name that a folder was made from where an alias is the name and a version, as `p-queue-9` or `undici-v7`. */
export function unaliased(folderName: string): string {
  return folderName.replace(/[-@.]v?\d[\w.]*$/, '');
}

/** Reads the manifest of a package; undefined where there is none that says name and version. Never throws. */
export function readManifest(folder: string): Manifest | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const { name, version, main, module, exports } = manifest as Record<string, unknown>;
    if (typeof name !== 'string' || typeof version !== 'string') return undefined;
    const found = [main, module, ...targetsOf(mainExport(exports))].filter((entry) => typeof entry === 'string');
    return { name, version, entries: new Set(found.length === 0 ? ['index.js'] : found.flatMap(filesOf)) };
  } catch {
    return undefined;
  }
}

function mainExport(exports: unknown): unknown {
  const isMap = typeof exports === 'object' && exports !== null && '.' in exports;
  return isMap ? (exports as Record<string, unknown>)['.'] : exports;
}

// Conditions nest, and can be a list of which the first that fits counts.
function targetsOf(target: unknown): string[] {
  if (typeof target === 'string') return [target];
  if (typeof target !== 'object' || target === null) return [];
  return Object.entries(target).flatMap(([key, value]) => (key.startsWith('./') ? [] : targetsOf(value)));
}

// A main may be written without its ending, or be a folder.
function filesOf(entry: string): string[] {
  const file = entry.replace(/^\.\//, '').replace(/\/$/, '');
  return /\.[cm]?js$/.test(file) ? [file] : [file, `${file}.js`, `${file}.cjs`, `${file}/index.js`];
}

/** Whether `version` is at least `from` and less than `below`; what comes before a release counts as that release. */
export function isWithin(version: string, from: string, below: string): boolean {
  return compare(version, from) >= 0 && compare(version, below) < 0;
}

function compare(one: string, other: string): number {
  const ours = numbersOf(one);
  const theirs = numbersOf(other);
  const at = ours.findIndex((part, index) => part !== theirs[index]);
  return at === -1 ? 0 : (ours[at] ?? 0) - (theirs[at] ?? 0);
}

function numbersOf(version: string): number[] {
  const parts = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  // What is no version is none that is known.
  return parts === null ? [Number.POSITIVE_INFINITY, 0, 0] : parts.slice(1).map(Number);
}
