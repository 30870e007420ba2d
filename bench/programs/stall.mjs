// Does the same computation in one piece, which is a stall, and in short pieces, between which the loop turns.
import { readFileSync } from 'node:fs';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { answerWith } from './answer.mjs';

/** After it the loop has said what it has to say of a stall, and the system's account of the thread is up to date. */
const SETTLE_MS = 25;
const KEY = Symbol.for('loopsight.capture');

const captures = timeCaptures();

answerWith({
  /** Units of work that take about `ms`. */
  calibrate: (ms) => {
    work(2_000);
    const startMs = performance.now();
    work(5_000);
    return Math.round((5_000 * ms) / (performance.now() - startMs));
  },
  /** CPU time of this thread for `units` of work, with turns of the loop between `pieces`, and the captures in it. */
  work: async ({ units, pieces }) => {
    await wait(SETTLE_MS);
    const before = { cpuMs: readThreadCpuMs(), ...captures };
    for (let piece = 0; piece < pieces; piece++) {
      if (piece > 0) await turn();
      work(units / pieces);
    }
    await wait(SETTLE_MS);
    return {
      cpuMs: readThreadCpuMs() - before.cpuMs,
      captures: captures.count - before.count,
      captureMs: captures.ms - before.ms,
    };
  },
  /** Nanoseconds of CPU time for one `await` of an async function, over about `ms`. */
  promises: async (ms) => {
    const endMs = performance.now() + ms;
    const before = process.cpuUsage();
    let count = 0;
    while (performance.now() < endMs) {
      for (let i = 0; i < 100; i++) await settled(i);
      count += 100;
    }
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / count;
  },
});

let seed = 1;

// One unit is about a tenth of a millisecond of whole numbers: nothing allocates, nothing depends on the values.
function work(units) {
  for (let i = 0; i < units; i++) seed = scramble(seed);
}

function scramble(from) {
  let x = from;
  for (let i = 0; i < 50_000; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x;
}

async function settled(value) {
  return value;
}

// CPU time of the main thread alone: that of the process has the observer's, too.
function readThreadCpuMs() {
  if (process.threadCpuUsage !== undefined) {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  }
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
}

// Puts a clock around the function that the observer calls on top of the blocked stack.
function timeCaptures() {
  const total = { count: 0, ms: 0 };
  const capture = globalThis[KEY];
  if (capture === undefined) return total;
  const timed = (...args) => {
    const startMs = performance.now();
    try {
      return capture(...args);
    } finally {
      total.count++;
      total.ms += performance.now() - startMs;
    }
  };
  Object.defineProperty(globalThis, KEY, { value: timed, configurable: true });
  return total;
}
