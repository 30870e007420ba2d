// Blocks the loop on a schedule and prints the truth: what blocked it, and for how long by its own clock.
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

const setting = (name, standard) => Number(process.env[name] ?? standard);

/** How long one stall shall last. */
export const stallMs = setting('STALL_MS', 400);
const everyMs = setting('STALL_EVERY_MS', 900);
const count = setting('STALL_COUNT', 5);
const lingerMs = setting('STALL_LINGER_MS', 1500);

/** Says whether `ms` milliseconds are over; for work that has no length of its own. */
export function timeUp(ms = stallMs) {
  const endMs = performance.now() + ms;
  return () => performance.now() >= endMs;
}

/** Makes something larger until `work` on it takes as long as a stall, and returns it; for one call that knows no clock. */
export function calibrate(size, make, work) {
  for (;;) {
    const made = make(size);
    // The second time it is compiled, and may be faster.
    const tookMs = Math.min(...[1, 2].map(() => lengthOf(() => work(made))));
    if (tookMs >= stallMs * 0.9) return made;
    size = Math.ceil(size * Math.min(4, Math.max(1.1, stallMs / Math.max(tookMs, 1))));
  }
}

function lengthOf(call) {
  const startMs = performance.now();
  call();
  return performance.now() - startMs;
}

/** Runs the blockers in turn: pairs of a name and a function, which may return the milliseconds that it blocked for. */
export async function run(...blockers) {
  const stalls = [];
  await pause(700);
  for (let number = 0; number < count; number++) {
    const [name, block] = blockers[number % blockers.length];
    const before = process.cpuUsage();
    const startMs = performance.now();
    const told = await block();
    const ms = typeof told === 'number' ? told : performance.now() - startMs;
    const { user, system } = process.cpuUsage(before);
    stalls.push({ function: name, ms, cpuMs: (user + system) / 1000 });
    await pause(everyMs);
  }
  await pause(lingerMs);
  console.log(JSON.stringify({ stalls }));
}
