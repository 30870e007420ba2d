// Names a queue by the place that created it: the file, as `src/mail.ts`, and `src/mail.ts#2` for its second place with
// the same library. Places are told apart by line and column, which change with every edit and so are no part of the name.
import { statSync } from 'node:fs';
import { findSourceMap } from 'node:module';
import { applicationRoot } from '../../src/application-root.js';
import { callSites } from '../../src/call-sites.js';
import { packageFile, unaliased } from '../../src/loading/package-file.js';
import { pathOf, relativeFile } from '../../src/stalls/blame/code-names.js';
import type { Frame } from '../../src/stalls/blame/frames.js';
import { createSourceMapper } from '../../src/stalls/blame/source-maps.js';

/** So many frames are looked at, at first and then: a library has a few between its entrance and the place. */
const FRAMES = [7, 24] as const;
/** The same where they begin with who called the library. Each frame costs. */
const FRAMES_OF_CALLER = [1, ...FRAMES] as const;
/** More places are not told apart. */
const PLACES_KEPT = 1000;
/** A map is read on the application's own thread: that of a larger file would hold it for too long. */
const MAPPED_FILE_BYTES = 256 * 1024;
const MAP_BYTES = 1024 * 1024;

const UNKNOWN = 'unknown';
/** Packages that compilers put between a library and whoever calls it. */
const HELPERS: ReadonlySet<string> = new Set(['tslib', '@swc/helpers', '@babel/runtime']);

/** The names of the places so far, by file, line and column of the code that runs. */
const names = new Map<string, string>();
/** How many places of a file have a name, for each library. */
const placesOf = new Map<string, number>();
let root: string | undefined;
let ours: readonly string[] | undefined;
let toSource: ((frame: Frame) => Frame) | undefined;

/**
 * The name of the place that called into `library`: the innermost frame below the function `below` (which must be on the
 * stack) that is neither ours, nor Node's, nor that package's; `isEntrance` where that is what the application calls.
 * `unknown` where there is none. Never throws.
 */
export function creatorName(below: (...args: never[]) => unknown, library = '', isEntrance = false): string {
  try {
    for (const limit of isEntrance ? FRAMES_OF_CALLER : FRAMES) {
      const sites = callSites(below, limit);
      const site = sites.find((one) => isCreator(one.getFileName() ?? '', library));
      if (site !== undefined) return nameOf(site, library);
      if (sites.length < limit) return sites.length === 0 ? UNKNOWN : nameInBundle();
    }
  } catch {
    // A name is not worth an error.
  }
  return UNKNOWN;
}

// We may be bundled into one file with the application: its places cannot be told from ours then.
function nameInBundle(): string {
  const [own = ''] = ours ?? [];
  const isBundle = own.endsWith('.js') && packageFile(own) === undefined;
  return isBundle ? relativeFile(pathOf(own), rootOfApplication()) : UNKNOWN;
}

function isCreator(file: string, library: string): boolean {
  if (file === '' || file.startsWith('node:')) return false;
  ours ??= placesOfOurs();
  if (ours.some((place) => file.startsWith(place))) return false;
  const name = packageFile(file)?.name;
  if (name !== undefined && HELPERS.has(name)) return false;
  return name === undefined || library === '' || (name !== library && unaliased(name) !== library);
}

// The folders that our modules lie in, or the one file that they were bundled into.
function placesOfOurs(): readonly string[] {
  const own = callSites(placesOfOurs, 1)[0]?.getFileName() ?? '';
  const [, root] = /^(.*)instrumentations[\\/]queues[\\/]creator-name\.[jt]s$/s.exec(own) ?? [];
  if (root !== undefined) return [`${root}instrumentations`, `${root}src`];
  return own === '' ? [] : [own];
}

function nameOf(site: NodeJS.CallSite, library: string): string {
  const file = site.getFileName() ?? '';
  const [line, column] = [site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0];
  const place = `${file}\n${line}:${column} ${library}`;
  const known = names.get(place);
  if (known !== undefined) return known;
  const name = relativeFile(sourceOf(pathOf(file), line, column), rootOfApplication());
  if (names.size >= PLACES_KEPT) return name;
  const counted = `${name}\n${library}`;
  const number = (placesOf.get(counted) ?? 0) + 1;
  placesOf.set(counted, number);
  const numbered = number === 1 ? name : `${name}#${number}`;
  names.set(place, numbered);
  return numbered;
}

function rootOfApplication(): string {
  root ??= applicationRoot();
  return root;
}

function sourceOf(path: string, line: number, column: number): string {
  const entry = findSourceMap(path)?.findEntry(line - 1, column - 1);
  if (entry !== undefined && 'originalSource' in entry) return pathOf(entry.originalSource);
  if (sizeOf(path) > MAPPED_FILE_BYTES || sizeOf(`${path}.map`) > MAP_BYTES) return path;
  toSource ??= createSourceMapper();
  const frame = { function: '', path, line, column, origin: 'application', isAwaited: false } as const;
  return toSource(frame).path;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
