// Where the files of this package are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callSites } from './call-sites.js';
import { pathOf } from './stalls/blame/code-names.js';

/** The folder of the compiled files, with a separator at its end; empty where they were bundled into others. Never throws. */
export function ownFolder(): string {
  try {
    const [site] = callSites(ownFolder, 1);
    const folder = /^.*[\\/]dist[\\/](?=(?:esm|cjs)[\\/]src[\\/])/s.exec(pathOf(site?.getFileName() ?? ''))?.[0] ?? '';
    // An application may be built into folders of these names as well.
    const { name } = JSON.parse(readFileSync(join(folder, '../package.json'), 'utf8')) as { readonly name?: unknown };
    return name === 'loopsight' ? folder : '';
  } catch {
    return '';
  }
}
