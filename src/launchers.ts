// Programs that start the service as a child of theirs, with the same NODE_OPTIONS, and would take its port.
import { isPackageManager } from './package-managers.js';

/** Commands, and the packages that bring them, whose own process never is the service. */
const LAUNCHERS: ReadonlyMap<string, string> = new Map([
  ['nodemon', 'nodemon'],
  ['nest', '@nestjs/cli'],
  ['tsx', 'tsx'],
  ['concurrently', 'concurrently'],
  ['cross-env', 'cross-env'],
  ['loopsight', 'loopsight'],
]);
const PACKAGES = new Set(LAUNCHERS.values());
const WATCH_FLAGS = new Set(['-w', '--watch']);

/** Whether a process with these `process.argv` is a package manager, a watcher or another launcher of the service. */
export function isLauncher([, entryFile, ...args]: readonly string[]): boolean {
  if (entryFile === undefined) return false;
  if (isPackageManager(entryFile)) return true;
  const path = entryFile.replaceAll('\\', '/');
  // Shells start a link in a folder of commands; pnpm and Windows start the file within its package.
  const command = /\/\.?bin\/([^/.]+)$/.exec(path)?.[1] ?? '';
  const [, packageName = '', file = ''] = /.*\/node_modules\/((?:@[^/]+\/)?[^/.][^/]*)\/(.+)$/.exec(path) ?? [];
  if (LAUNCHERS.has(command) || PACKAGES.has(packageName)) return true;
  // PM2 itself, while the application runs in a file of the same package.
  if (/^pm2(-\w+)?$/.test(command) || (packageName === 'pm2' && !/(^|\/)ProcessContainer\w*\.js$/.test(file)))
    return true;
  // Without watching, fastify-cli runs the service in its own process; with it, in that of another file of the package.
  const fastify = command === 'fastify' || (packageName === 'fastify-cli' && file === 'cli.js');
  return fastify && args.some((arg) => WATCH_FLAGS.has(arg));
}
