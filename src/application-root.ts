// The folder that names of the application's files begin below.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DEPTH_LIMIT = 32;

/** The nearest folder with a package.json above the entry file; the working directory where there is none. Never throws. */
export function applicationRoot(entryFile: string | undefined = process.argv[1]): string {
  try {
    const entry = entryFile === undefined ? undefined : realpathSync(entryFile);
    // A server that is started by its own command, such as `next start`: the application is where it was started.
    if (entry === undefined || /[\\/]node_modules[\\/]/.test(entry)) return process.cwd();
    let folder = dirname(entry);
    for (let depth = 0; depth < DEPTH_LIMIT; depth++) {
      if (existsSync(join(folder, 'package.json'))) return folder;
      const parent = dirname(folder);
      if (parent === folder) break;
      folder = parent;
    }
    return dirname(entry);
  } catch {
    return '';
  }
}
