// `node --import loopsight/register app.mjs` (or --require): starts with the options of the environment.
import { isMainThread } from 'node:worker_threads';

// Workers inherit --import and --require. Each pays for what is loaded here, so that they get a file of their own; and
// start() must be done when this module is. Only `require` does both; the build makes one file of it for ES modules.
if (isMainThread) require('./register-main.js');
else require('./register-worker.js');
