// expect {"function": "loadPartials", "cause": ["sync_io", "native", "javascript"], "thread": "main"}
import { readFileSync } from 'node:fs';
import { run, timeUp } from './harness.mjs';

function loadPartials() {
  const isOver = timeUp();
  while (!isOver()) readFileSync(new URL(import.meta.url));
}

await run(['loadPartials', () => loadPartials()]);
