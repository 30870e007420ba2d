// expect {"function": ["prepareTables", "loadPlugin"], "cause": ["javascript", "sync_io", "native"], "thread": "main"}
import { createRequire } from 'node:module';
import { run } from './harness.mjs';

const require = createRequire(import.meta.url);
const file = require.resolve('./slow-module.cjs');

function loadPlugin() {
  delete require.cache[file];
  require(file);
}

// The module's own function is the innermost frame that is the application's.
await run(['prepareTables', () => loadPlugin()]);
