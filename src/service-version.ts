// The name and version of the application: the nearest package.json, and the commit or else a hash of what it is made of.
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, join, parse, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commitFrom } from './commit-variables.js';

/** A file's size in bytes, and its content or (of a large file) the beginning and end of it. */
export interface FileSample {
  readonly size: number;
  readonly content: Uint8Array;
}

/** Where `detectService` looks. */
export interface ServiceSource {
  /** `process.argv[1]`; undefined in a REPL or with `-e`. */
  readonly entryFile: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where to look without an entry file. @default process.cwd() */
  readonly workingDirectory?: string;
  /** Reads a file, undefined where it cannot be read. @default readSample */
  readonly readFile?: (path: string) => FileSample | undefined;
}

/** What could be found out. */
export interface DetectedService {
  readonly name?: string;
  readonly version?: string;
}

const WHOLE_FILE_BYTES = 4 * 1024 * 1024;
const SAMPLE_BYTES = 1024 * 1024;
const PACKAGE_BYTES = 1024 * 1024;
const DIRECTORY_LIMIT = 32;
const FINGERPRINT_LENGTH = 8;
const TEXT_LENGTH = 100;
const LOCK_FILES = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'bun.lockb',
] as const;
const ENTRY_SUFFIXES = ['', '.js', '.cjs', '.mjs', `${sep}index.js`] as const;

/**
 * Finds name and version of the application: those of the nearest package.json that has either, the version followed by
 * `+` and the commit (7 characters) that the environment names, else `+files.` and a hash of entry and lock file.
 * Reads files synchronously, never throws, and leaves out what cannot be found.
 *
 * @example
 * detectService({ entryFile: process.argv[1], environment: process.env }); // { name: 'shop', version: '1.4.2+ab12cd3' }
 */
export function detectService(source: ServiceSource): DetectedService {
  try {
    const { entryFile, environment, readFile = readSample } = source;
    const read = guarded(readFile);
    const entry = entryPath(entryFile);
    const found = findPackage(startDirectories(entry, source.workingDirectory), read);
    const build = commitFrom(environment) ?? fingerprint(entry, found?.directory, read);
    const version = joinVersion(found?.version, build);
    return {
      ...(found?.name === undefined ? {} : { name: found.name }),
      ...(version === undefined ? {} : { version }),
    };
  } catch {
    return {};
  }
}

/** Reads a file whole up to 4 MiB, of a larger one the first and last MiB; undefined where it cannot be read. */
export function readSample(path: string): FileSample | undefined {
  let file: number | undefined;
  try {
    // Opening a named pipe would wait for its writer.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const status = fstatSync(file);
    if (!status.isFile()) return undefined;
    const { size } = status;
    if (size <= WHOLE_FILE_BYTES) return { size, content: readRange(file, 0, size) };
    const content = Buffer.concat([
      readRange(file, 0, SAMPLE_BYTES),
      readRange(file, size - SAMPLE_BYTES, SAMPLE_BYTES),
    ]);
    return { size, content };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readRange(file: number, position: number, length: number): Uint8Array {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(file, buffer, filled, length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

type Read = (path: string) => FileSample | undefined;

function guarded(readFile: Read): Read {
  return (path) => {
    try {
      return readFile(path);
    } catch {
      return undefined;
    }
  };
}

// "-" is a program on standard input; a URL is what Node's --entry-url leaves here.
function entryPath(entryFile: string | undefined): string | undefined {
  if (entryFile === undefined || entryFile === '' || entryFile.startsWith('-')) return undefined;
  if (entryFile.startsWith('file:')) return fileURLToPath(entryFile);
  return resolve(entryFile);
}

// A tool under node_modules (`next start`) runs the application around it, so that is looked at before the tool itself.
function startDirectories(entry: string | undefined, workingDirectory: string | undefined): string[] {
  if (entry === undefined) return [workingDirectory ?? process.cwd()];
  const modules = entry.indexOf(`${sep}node_modules${sep}`);
  return modules === -1 ? [dirname(entry)] : [resolve(entry.slice(0, modules + 1)), dirname(entry)];
}

interface FoundPackage {
  readonly directory: string;
  readonly name: string | undefined;
  readonly version: string | undefined;
}

function findPackage(directories: readonly string[], read: Read): FoundPackage | undefined {
  for (const start of directories) {
    for (const directory of ancestors(start)) {
      const found = parsePackage(directory, read(join(directory, 'package.json')));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

// One with neither name nor version, such as {"type":"module"} beside a build's output, describes a folder only.
function parsePackage(directory: string, file: FileSample | undefined): FoundPackage | undefined {
  if (file === undefined || file.size > PACKAGE_BYTES) return undefined;
  try {
    const json: unknown = JSON.parse(
      Buffer.from(file.content)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    );
    if (typeof json !== 'object' || json === null) return undefined;
    const name = 'name' in json ? plainText(json.name) : undefined;
    const version = 'version' in json ? plainText(json.version) : undefined;
    return name === undefined && version === undefined ? undefined : { directory, name, version };
  } catch {
    return undefined;
  }
}

function plainText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.replace(/[^\w.+~@/-]/g, '').slice(0, TEXT_LENGTH);
  return text === '' ? undefined : text;
}

// `files.` keeps a hash of files from being looked for among the commits.
function fingerprint(entry: string | undefined, directory: string | undefined, read: Read): string | undefined {
  const files = [entry === undefined ? undefined : readEntry(entry, read), findLock(directory, read)];
  if (files.every((file) => file === undefined)) return undefined;
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file?.size ?? 'none'}\n`).update(file?.content ?? '');
  return `files.${hash.digest('hex').slice(0, FINGERPRINT_LENGTH)}`;
}

// `node app` and `node .` leave the path without the ending that Node found.
function readEntry(entry: string, read: Read): FileSample | undefined {
  for (const suffix of ENTRY_SUFFIXES) {
    const file = read(`${entry}${suffix}`);
    if (file !== undefined) return file;
  }
  return undefined;
}

// In a workspace the lock file lies beside the package.json of the root.
function findLock(directory: string | undefined, read: Read): FileSample | undefined {
  if (directory === undefined) return undefined;
  for (const ancestor of ancestors(directory)) {
    for (const name of LOCK_FILES) {
      const file = read(join(ancestor, name));
      if (file !== undefined) return file;
    }
  }
  return undefined;
}

function* ancestors(start: string): Generator<string> {
  const { root } = parse(start);
  let directory = start;
  for (let walked = 0; walked < DIRECTORY_LIMIT; walked++) {
    yield directory;
    if (directory === root) return;
    directory = dirname(directory);
  }
}

// SemVer allows one `+`; what follows may be separated by dots.
function joinVersion(version: string | undefined, build: string | undefined): string | undefined {
  if (version === undefined || build === undefined) return version ?? build;
  return `${version}${version.includes('+') ? '.' : '+'}${build}`;
}
