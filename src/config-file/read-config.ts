// Finds loopsight.config.json, reads it and checks every value in it.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { applicationRoot } from '../application-root.js';
import { unexpected } from '../option-values.js';
import { type FileOptions, OPTIONS, type OptionDefinition } from '../options.js';

/** The name that is looked for. */
export const CONFIG_FILE_NAME = 'loopsight.config.json';

/** More than anybody writes by hand; a file of another kind is not read whole. */
const SIZE_LIMIT = 1024 * 1024;
/** Says to editors what may stand in the file; nothing to us. */
const SCHEMA_KEY = '$schema';

/** A file of options that was found. */
export interface ConfigFile {
  readonly path: string;
  readonly options: FileOptions;
}

/** Where to look. */
export interface ConfigFilePlaces {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder that the application's package.json is in. @default applicationRoot() */
  readonly root?: string;
  /** What relative paths of the variable are relative to. @default process.cwd() */
  readonly workingDirectory?: string;
}

/**
 * Reads the file that `LOOPSIGHT_CONFIG_FILE` names, else `loopsight.config.json` beside the application's package.json or in
 * the working directory; undefined where there is none, or the variable is `off`. Paths in it are relative to its folder.
 * Throws a TypeError that quotes file, name, bound and value: where a named file is missing or any value in it is not allowed.
 *
 * @example
 * const file = readConfigFile({ environment: { LOOPSIGHT_CONFIG_FILE: 'off' } });
 * file?.options.stallThresholdMs ?? 'the default'; // the default
 */
export function readConfigFile(places: ConfigFilePlaces): ConfigFile | undefined {
  const path = findConfigFile(places);
  if (path === undefined) return undefined;
  const shown = shownPath(path, places.workingDirectory ?? currentFolder());
  return { path, options: checked(parsed(path, shown), dirname(path), shown) };
}

function findConfigFile({
  environment,
  root,
  workingDirectory = currentFolder(),
}: ConfigFilePlaces): string | undefined {
  const { variable = '', kind } = OPTIONS.configFile;
  const named = environment[variable];
  if (named !== undefined && named.trim() !== '') {
    const given = kind.parse(named, variable);
    if (given.trim().toLowerCase() === 'off') return undefined;
    const path = resolve(workingDirectory, given);
    if (!isThere(path)) throw unexpected(variable, 'a file that is there, or `off`', named);
    return path;
  }
  const folders = new Set([root ?? applicationRoot(), workingDirectory].filter((folder) => folder !== ''));
  return [...folders].map((folder) => join(folder, CONFIG_FILE_NAME)).find(isThere);
}

// Empty where it was removed.
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}

// Deno throws where files may not be read.
function isThere(path: string): boolean {
  try {
    return existsSync(path);
  } catch {
    return false;
  }
}

function parsed(path: string, shown: string): object {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > SIZE_LIMIT)
      throw new TypeError(`Expected \`${shown}\` to have at most ${SIZE_LIMIT} bytes, got ${size}`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof TypeError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new TypeError(`Expected \`${shown}\` to be a file that can be read, got ${code ?? 'an error'}`);
  }
  let value: unknown;
  try {
    // Some editors begin a file with a mark of its byte order.
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new TypeError(`Expected \`${shown}\` to be JSON, got an error${placeOf(error, text)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unexpected(shown, 'an object of options', value);
  }
  return value;
}

// The engine's message quotes what stands there, which may be anything.
function placeOf(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : '';
  const position = /at position (\d+)/.exec(message)?.[1];
  // Of some errors the engine does not tell the place.
  if (position === undefined) return /end of JSON/.test(message) ? ' at its end' : '';
  const before = text.slice(0, Number(position)).split('\n');
  return ` in line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

function checked(given: object, folder: string, shown: string): FileOptions {
  const definitions: readonly OptionDefinition[] = Object.values(OPTIONS);
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name === SCHEMA_KEY) continue;
    const definition = definitions.find(({ option }) => option === name);
    if (definition === undefined) throw unexpected(shown, 'an object with known keys', name);
    const { kind, inFile } = definition;
    if (kind.schema === undefined) {
      throw new TypeError(`Expected \`${shown}\` to have no \`${name}\`${inFile === undefined ? '' : `: ${inFile}`}`);
    }
    try {
      const allowed = kind.check(value, name);
      options[name] = isPath(name, allowed) ? resolve(folder, allowed) : allowed;
    } catch (error) {
      throw error instanceof TypeError ? new TypeError(`${shown}: ${error.message}`) : error;
    }
  }
  return options;
}

function isPath(name: string, value: unknown): value is string {
  return name.endsWith('File') && typeof value === 'string';
}

function shownPath(path: string, workingDirectory: string): string {
  const below = relative(workingDirectory, path);
  return below.startsWith('..') || isAbsolute(below) ? path : below;
}
