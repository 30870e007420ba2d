// The program of known-patterns.blocking.test.ts: blocks its own loop in a pattern, and compares what the monitor
// recorded with the truth of its own timeline. Prints one line of JSON.
import { readFileSync } from 'node:fs';
import { createEventLoopMonitor } from '../../instrumentations/event-loop/index.js';
import { systemClock } from '../../src/clock.js';
import { LATENCY_BOUNDS_S, METRICS } from '../../src/metric-names.js';
import { SeriesTable } from '../../src/prometheus/snapshot.js';
import { createStore } from '../../src/recorder/store.js';

const [blockMs = 0, periodMs = 0, lengthMs = 0, streams = 0] = process.argv.slice(2).map(Number);
const report = (error: unknown) => {
  throw error;
};
const recorder = createStore({ clock: systemClock, report });
const now = () => systemClock.monotonicMs();

// Independent streams of probes with the default interval, all of which write to the same series.
for (let stream = 0; stream < streams; stream++) {
  createEventLoopMonitor().start({ recorder, clock: systemClock, shared: false, report });
}

// The truth: this loop never sleeps. It notes when its timers were served and when it was last seen turning before that;
// what lies between is a stretch in which an arrival would have waited, whoever took the time: a block, or the system that
// gave the CPU to somebody else. A block begins right after the timers were served, so that the two are never in doubt.
const stretchesMs: number[] = [];
const startMs = now();
let servedMs = startMs;
let turnedMs = startMs;
let nextBlockMs = startMs + periodMs - blockMs;
let blocks = false;

setTimeout(function serve() {
  const servesMs = now();
  stretchesMs.push(servesMs - Math.max(servedMs, turnedMs));
  servedMs = servesMs;
  turnedMs = servesMs;
  blocks = servesMs >= nextBlockMs;
  setTimeout(serve, 1);
}, 1);

setImmediate(function turn() {
  const nowMs = now();
  // After a gap the timers have to be served first: until then the stretch goes on.
  if (nowMs - turnedMs < 1) turnedMs = nowMs;
  // The end is right after timers were served, so that every probe that was due has been recorded.
  if (servedMs - startMs >= lengthMs) finish(servedMs - startMs);
  if (blocks) {
    blocks = false;
    nextBlockMs = Math.max(nextBlockMs + periodMs, nowMs);
    const endMs = now() + blockMs;
    while (now() < endMs);
  }
  setImmediate(turn);
});

function finish(totalMs: number): never {
  const counts = readLag();
  const probes = counts.reduce((sum, count) => sum + count, 0);
  const rows = LATENCY_BOUNDS_S.map((boundS, index) => ({
    boundMs: boundS * 1000,
    measured: counts.slice(index + 1).reduce((sum, count) => sum + count, 0) / probes,
    expected: stretchesMs.reduce((sum, ms) => sum + Math.max(0, ms - boundS * 1000), 0) / totalMs,
  }));
  console.log(JSON.stringify({ probes, rows, waitedShare: waitedForCpuMs() / totalMs }));
  process.exit();
}

// Nothing is known of it where the kernel does not tell.
function waitedForCpuMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

function readLag(): number[] {
  const table = new SeriesTable();
  table.apply(recorder.open().read());
  const families = [...table.families.values()];
  const lag = families.find(({ family }) => family.name === METRICS.eventLoopLag.name);
  const [series] = lag?.series.values() ?? [];
  if (series === undefined) throw new Error('no lag was recorded');
  return [...table.values.subarray(series.offset, series.offset + LATENCY_BOUNDS_S.length + 1)];
}
