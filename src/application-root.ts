// The folder that names of the application's files begin below.
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { entryFile as startedFile } from './group/pm2.js';

const DEPTH_LIMIT = 32;

/** The nearest folder with a package.json above the entry file; the working directory where there is none. Never throws. */
export function applicationRoot(entryFile: string | undefined = startedFile()): string {
  try {
    const entry = entryFile === undefined ? undefined : realpathSync(entryFile);
    // A server that is started by its own command, such as `next start`: the application is where it was started.
    if (entry === undefined || /[\\/]node_modules[\\/]/.test(entry)) return process.cwd();
    let folder = dirname(entry);
    let nearest: string | undefined;
    for (let depth = 0; depth < DEPTH_LIMIT; depth++) {
      const manifest = readManifest(folder);
      if (manifest !== undefined && ('name' in manifest || 'dependencies' in manifest)) return folder;
      if (manifest !== undefined) nearest ??= folder;
      const parent = dirname(folder);
      if (parent === folder) break;
      folder = parent;
    }
    return nearest ?? dirname(entry);
  } catch {
    return '';
  }
}

// One that has neither a name nor dependencies lies beside compiled code, to say whether that is CommonJS.
function readManifest(folder: string): object | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, 'package.json'), 'utf8');
  } catch {
    return undefined;
  }
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
