// Names of child processes, as `child_process.name` shows them: the program, and for one of Node the file that it runs.
import type { ChildProcess } from 'node:child_process';
import { basename, isAbsolute, relative, resolve, sep } from 'node:path';

/** Programs that get a name of their own. */
export const NAME_LIMIT = 20;

const OTHER = 'other';
const UNKNOWN = 'unknown';
const NODE = /^node(?:js)?(?:\.exe)?$/;
const SCRIPT = /\.[cm]?[jt]sx?$/;
const OUTSIDE = `..${sep}`;

/** The name of what `child` runs; its other arguments never show. */
export function childName(
  { spawnfile, spawnargs }: Pick<ChildProcess, 'spawnfile' | 'spawnargs'>,
  root: string,
): string {
  const program = typeof spawnfile === 'string' ? basename(spawnfile) : '';
  if (program === '') return UNKNOWN;
  if (!NODE.test(program) && spawnfile !== process.execPath) return program;
  const script = Array.isArray(spawnargs) ? scriptOf(spawnargs.slice(1)) : undefined;
  return script === undefined ? program : shown(script, root);
}

/** Maps names to themselves, and to `other` those that are new when `NAME_LIMIT` names are known. */
export function createChildNameLimit(): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (!known.has(name) && known.size >= NAME_LIMIT) return OTHER;
    known.add(name);
    return name;
  };
}

// Options come before the script, and some take their value from the next argument: the first that looks like a script is it.
function scriptOf(args: readonly unknown[]): string | undefined {
  for (const [index, argument] of args.entries()) {
    if (typeof argument !== 'string') return undefined;
    if (!argument.startsWith('-')) {
      if (SCRIPT.test(argument) && !takesValue(args[index - 1])) return argument;
      if (!takesValue(args[index - 1])) return undefined;
    }
    if (argument === '-e' || argument === '--eval' || argument === '-p' || argument === '--print') return undefined;
  }
  return undefined;
}

function takesValue(option: unknown): boolean {
  return (
    typeof option === 'string' &&
    /^(?:-r|-C|--require|--import|--loader|--experimental-loader|--conditions)$/.test(option)
  );
}

function shown(script: string, root: string): string {
  const path = relative(root, isAbsolute(script) ? script : resolve(script));
  // Outside of the application a path tells about the machine.
  return path === '' || path.startsWith(OUTSIDE) || isAbsolute(path) ? basename(script) : path.split(sep).join('/');
}
