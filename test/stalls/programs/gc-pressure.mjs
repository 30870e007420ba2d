// expect {"function": "*", "cause": "gc", "thread": "main"}
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { run, stallMs } from './harness.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const kept = [];
globalThis.kept = kept;
for (let tookMs = 0; tookMs < stallMs && kept.length < 2e7; ) {
  for (let index = 0; index < 300_000; index++) kept.push({ index, before: kept[index] });
  const startMs = performance.now();
  collect();
  tookMs = performance.now() - startMs;
}

await run(['*', () => collect()]);
