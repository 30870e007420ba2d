// What loopsight/register does on the main thread.
import { isLauncher } from './launchers.js';
import { logLine } from './log.js';
import { start } from './start.js';

if (!isLauncher(process.argv)) {
  try {
    start();
  } catch (error) {
    if (error instanceof TypeError) {
      // A bad variable must stop the program, with a sentence rather than a stack.
      logLine(error.message);
      process.exit(1);
    }
    // Deno without the right to read the environment, say.
    logLine(`nothing is measured (${error instanceof Error ? error.message : String(error)})`);
  }
}
