// Burns processor time in three functions in the shares 53, 27 and 19, while a thread like the observer profiles it; prints what
// that saw as JSON. Arguments: which way it is profiled.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const [way] = process.argv.slice(2);
const UNIT = 40_000;

// The work itself and no clock, so that no function of the engine takes a part of it.
function mostOf() {
  const times = 53 * UNIT;
  let x = 1;
  for (let i = 0; i < times; i++) x = (x * 1103515245 + 12345) & 0x7fffffff;
  return x;
}
function halfOf() {
  const times = 27 * UNIT;
  let y = 2;
  for (let i = 0; i < times; i++) y = (y * 1103515245 + 12345) & 0x7fffffff;
  return y;
}
function restOf() {
  const times = 19 * UNIT;
  let z = 3;
  for (let i = 0; i < times; i++) z = (z * 1103515245 + 12345) & 0x7fffffff;
  return z;
}

const worker = new Worker(new URL('./profiling-thread.mjs', import.meta.url), { workerData: { way } });
worker.on('error', (error) => console.log(JSON.stringify({ error: String(error) })));
let isOver = false;
worker.once('exit', () => {
  isOver = true;
});
await once(worker, 'message');
worker.on('message', (message) => console.log(JSON.stringify(message)));

// Called by the engine, so that none of them is compiled into its caller.
const call = (fn) => JSON.parse('0', fn);
let kept = 1;
// In one piece: what the thread asks is served between two statements.
while (!isOver) {
  kept += call(mostOf) + call(halfOf) + call(restOf);
  if (way !== 'blocked') await new Promise((resolve) => setImmediate(resolve));
  else if (performance.now() > 2500) break;
}
if (kept === 0) console.log(kept);
