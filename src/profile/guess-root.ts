// The folder of an application, where a recording does not say it: two versions in two folders have the same names then.
import { originOfFile } from './packages.js';

const SEPARATOR = /[\\/]/;

/**
 * The folder that the application's own `files` are named from: `folder`, where any of them is in it; else the one that has
 * their packages; else what all of them have in common.
 *
 * @example
 * ```ts
 * guessRoot(['/srv/v2/src/app.js', '/srv/v2/node_modules/ajv/index.js'], process.cwd()); // '/srv/v2'
 * ```
 */
export function guessRoot(files: readonly string[], folder: string): string {
  const own = files.filter((file) => isPath(file) && originOfFile(file) === 'application');
  const isBelow = (root: string) =>
    own.some((file) => file.startsWith(root) && SEPARATOR.test(file.charAt(root.length)));
  if (own.length === 0 || isBelow(folder)) return folder;
  const withPackages = files.flatMap((file) =>
    isPath(file) ? (/^(.+?)[\\/]node_modules[\\/]/.exec(file)?.[1] ?? []) : [],
  );
  return withPackages.find(isBelow) ?? inCommon(own);
}

const isPath = (file: string): boolean => /^(?:[\\/]|[A-Za-z]:[\\/])/.test(file);

function inCommon(files: readonly string[]): string {
  const [first = [], ...others] = files.map((file) => file.split(SEPARATOR).slice(0, -1));
  const differs = first.findIndex((part, place) => others.some((other) => other[place] !== part));
  return first.slice(0, differs === -1 ? first.length : differs).join('/');
}
