// expect {"function": "importOrders", "cause": "javascript", "thread": "main"}
import { setTimeout as pause } from 'node:timers/promises';
import { run, timeUp } from './harness.mjs';

async function importOrders() {
  await pause(20);
  const startMs = performance.now();
  const isOver = timeUp();
  let total = 0;
  while (!isOver()) for (let order = 0; order < 1000; order++) total += Math.sqrt(order);
  const ms = performance.now() - startMs;
  await pause(20);
  return total > 0 ? ms : 0;
}

await run(['importOrders', async () => await importOrders()]);
