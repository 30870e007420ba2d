// What LOOPSIGHT_TRACE says: which modules, and which of their exports and members.
import { text, unexpected, type ValueKind } from '../option-values.js';
import { splitList } from './glob.js';

/** The frameworks whose route handlers can be named. */
export const FRAMEWORKS = ['express', 'fastify', 'hono', 'koa'] as const;

export type Framework = (typeof FRAMEWORKS)[number];

/** One entry of the list. */
export interface TracePattern {
  /** As it was written. */
  readonly text: string;
  /** Whether it leaves out what it matches (`!` before it). */
  readonly isExcluding: boolean;
  readonly module: TraceModule;
  /** Export and members, each a glob: `Client`, `prototype`, `send`. */
  readonly path: readonly string[];
}

/** Which modules an entry means: files by a glob, or a package and maybe files in it. */
export type TraceModule =
  | { readonly kind: 'file'; readonly glob: string }
  | { readonly kind: 'package'; readonly name: string; readonly file: string | undefined }
  | { readonly kind: 'handlers'; readonly framework: Framework };

const ALLOWED =
  'entries such as `./dist/db.js#query`, `./dist/handlers/**#*`, `some-package#Client.prototype.send` or `express#handlers`';
const PACKAGE = /^((?:@[\w.~-]+\/)?[\w.~-]+)(?:\/(.+))?$/;
const FILE = /^(?:\.{1,2}[\\/]|[\\/]|[A-Za-z]:[\\/]|\*\*)/;

/** A list of entries; in the environment they are separated by commas. */
export const traceList: ValueKind<readonly string[]> = {
  allowed: ALLOWED,
  schema: { type: 'array', items: { type: 'string', pattern: '\\S' } },
  check(value, name) {
    if (!Array.isArray(value)) throw unexpected(name, `an array of ${ALLOWED}`, value);
    for (const entry of value) parsePattern(text.check(entry, `an entry of ${name}`), name);
    return [...value];
  },
  parse: (value, name) => traceList.check(splitList(value), name),
};

/** Reads one entry; throws a TypeError that quotes `name`, what is allowed, and the entry. */
export function parsePattern(entry: string, name: string): TracePattern {
  const written = entry.trim();
  const isExcluding = written.startsWith('!');
  const [place = '', member = '*', ...more] = (isExcluding ? written.slice(1) : written).split('#');
  const path = member.split('.');
  if (place === '' || more.length > 0 || path.includes('')) throw unexpected(name, ALLOWED, entry);
  return { text: written, isExcluding, module: parseModule(place, member, entry, name), path };
}

function parseModule(place: string, member: string, entry: string, name: string): TraceModule {
  if (FILE.test(place)) return { kind: 'file', glob: place.replaceAll('\\', '/') };
  const framework = FRAMEWORKS.find((one) => one === place);
  if (framework !== undefined && member === 'handlers') return { kind: 'handlers', framework };
  const [, packageName, file] = PACKAGE.exec(place) ?? [];
  if (packageName === undefined || packageName.startsWith('.')) throw unexpected(name, ALLOWED, entry);
  return { kind: 'package', name: packageName, file };
}
