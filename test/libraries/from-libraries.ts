// The libraries that are installed beside this file, as an application with them would load them.
import { createRequire } from 'node:module';
import { join } from 'node:path';

// Other versions can be tried in a folder of their own.
const folder = process.env.LOOPSIGHT_TEST_LIBRARIES ?? join(process.cwd(), 'test/libraries');
const requireThere = createRequire(join(folder, 'package.json'));

/** What `name` exports to CommonJS. */
export function fromLibraries(name: string): unknown {
  return requireThere(name);
}
