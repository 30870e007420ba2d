// expect {"function": "prepareTables", "cause": "javascript", "thread": "main"}
import { run } from './harness.mjs';

let number = 0;
async function openEditor() {
  await import(`./slow-module.mjs?${number++}`);
}

await run(['prepareTables', openEditor]);
