// A stall in a call that leaves no trace but in a profile; prints its report. Without the profile its caller is gone when anybody
// looks. On a busy machine the profiler can begin later than the first one, so there are three at the most.
import { setTimeout as pause } from 'node:timers/promises';
import { start } from '../../../dist/esm/src/index.js';

const ARE_LATE_MS = 20_000;
const TRIES = 3;
let tries = 0;
/** The middle of the call. */
let seenMs = Number.NaN;
const loopsight = start({
  port: 0,
  log: false,
  profile: true,
  profileIntervalMs: 10,
  // Told of in a later turn. A busy machine has further stalls.
  onStall(report) {
    const { startUnixMs, durationMs } = report;
    if (!(startUnixMs < seenMs && startUnixMs + durationMs > seenMs)) return;
    seenMs = Number.NaN;
    if (report.confidence !== 'exact' && tries < TRIES) return stall();
    console.log(JSON.stringify(report));
    void loopsight.stop().then(() => process.exit());
  },
});
await loopsight.endpoint;
// The stalls of a start are not told of, and the profiler has to begin.
await pause(1000);
const large = Buffer.alloc(2 ** 27, 1);
function hexOf() {
  return large.toString('hex').length;
}
function stall() {
  tries++;
  setTimeout(() => {
    const beganMs = Date.now();
    hexOf();
    seenMs = (beganMs + Date.now()) / 2;
  });
}
stall();
await pause(ARE_LATE_MS);
