// `node --import loopsight/register app.mjs` (or --require): starts with the options of the environment.
import { isMainThread } from 'node:worker_threads';
import { logLine } from './log.js';
import { isPackageManager } from './package-managers.js';
import { start } from './start.js';

// Workers and the loader-hooks thread inherit --import and --require; the main thread watches over them.
if (isMainThread && !isPackageManager(process.argv[1])) {
  try {
    start();
  } catch (error) {
    // A bad variable must stop the program, with a sentence rather than a stack.
    if (!(error instanceof TypeError)) throw error;
    logLine(error.message);
    process.exit(1);
  }
}
