// Where this copy of the package is, for the files in it that no module imports.
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** The folder of the package whose command runs. Throws where the command's file belongs to no package. */
export function packageRoot(): string {
  // The command's own file, wherever a link to it lies; a package finds itself by its name.
  return dirname(createRequire(realpathSync(process.argv[1] ?? '')).resolve('loopsight/package.json'));
}
