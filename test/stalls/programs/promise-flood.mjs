// expect {"function": "emptyMailbox", "cause": ["javascript", "spin"], "thread": "main"}
import { run, timeUp } from './harness.mjs';

async function emptyMailbox() {
  const isOver = timeUp();
  while (!isOver()) await undefined;
}

await run(['emptyMailbox', emptyMailbox]);
