// expect {"function": "isHostName", "cause": ["javascript", "native"], "thread": "main"}
import { run, stallMs } from './harness.mjs';

const isHostName = (text) => /^([a-z0-9-]+)*\.$/.test(text);
let length = 16;
for (let tookMs = 0; tookMs < stallMs / 2; length++) {
  const startMs = performance.now();
  isHostName('h'.repeat(length));
  tookMs = performance.now() - startMs;
}

await run(['isHostName', () => void isHostName('h'.repeat(length))]);
