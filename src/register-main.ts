// What loopsight/register does on the main thread.
import { logLine } from './log.js';
import { isPackageManager } from './package-managers.js';
import { start } from './start.js';

if (!isPackageManager(process.argv[1])) {
  try {
    start();
  } catch (error) {
    // A bad variable must stop the program, with a sentence rather than a stack.
    if (!(error instanceof TypeError)) throw error;
    logLine(error.message);
    process.exit(1);
  }
}
