// Does nothing while it is profiled, and prints what its loop is said to have done.
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { start } from '../../../dist/esm/src/index.js';

const stalls = [];
const loopsight = start({
  port: 0,
  log: false,
  profile: true,
  profileIntervalMs: 10,
  onStall({ startUnixMs, durationMs, cause, culprit }) {
    // A busy machine holds any program.
    if (cause !== 'descheduled') stalls.push({ startUnixMs, durationMs, cause, culprit });
  },
});
const { url } = await loopsight.endpoint;
await pause(1000);
const before = await read();
await pause(100);
const fromMs = Date.now();
await pause(3000);
const toMs = Date.now();
let after = await read();
// A main thread that gets no processor for a moment is shown as it was.
while (after.active + after.idle === before.active + before.idle) after = await read();
await loopsight.stop();
const asleep = stalls.filter(({ startUnixMs, durationMs }) => startUnixMs > fromMs && startUnixMs + durationMs < toMs);
const [active, idle] = ['active', 'idle'].map((state) => after[state] - before[state]);
console.log(JSON.stringify({ active, idle, utilization: after.utilization, stalls: asleep }));

async function read() {
  const response = await new Promise((resolve, reject) => get(url, resolve).on('error', reject));
  const scrape = await text(response);
  const value = (pattern) => Number(pattern.exec(scrape)?.[1]);
  return {
    active: value(/^nodejs_eventloop_time_seconds_total\{nodejs_eventloop_state="active".*\} (.*)$/m),
    idle: value(/^nodejs_eventloop_time_seconds_total\{nodejs_eventloop_state="idle".*\} (.*)$/m),
    utilization: value(/^nodejs_eventloop_utilization_ratio\{.*\} (.*)$/m),
  };
}
