// The program of known-patterns.blocking.test.ts: blocks its own loop in a pattern, and compares what the monitor
// recorded with the truth of its own timeline. Prints one line of JSON.
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

// The truth: this loop never sleeps, so it notes every stretch from one timers phase to the next, also those in which the
// system gave the CPU to somebody else. The block is in the check phase, just before the timers phase, so that a timer
// that becomes due in a stretch runs at its end, and never behind a block of the next one.
const stretchesMs: number[] = [];
const startMs = now();
let lastMs = startMs;
let nextBlockMs = startMs + periodMs - blockMs;
setImmediate(function tick() {
  if (now() >= nextBlockMs) {
    const endMs = now() + blockMs;
    while (now() < endMs);
    nextBlockMs = Math.max(nextBlockMs + periodMs, now());
  }
  const tickMs = now();
  stretchesMs.push(tickMs - lastMs);
  lastMs = tickMs;
  if (tickMs - startMs < lengthMs) setImmediate(tick);
  else finish(tickMs - startMs);
});

function finish(totalMs: number): never {
  const counts = readLag();
  const probes = counts.reduce((sum, count) => sum + count, 0);
  const rows = LATENCY_BOUNDS_S.map((boundS, index) => ({
    boundMs: boundS * 1000,
    measured: counts.slice(index + 1).reduce((sum, count) => sum + count, 0) / probes,
    expected: stretchesMs.reduce((sum, lengthMs) => sum + Math.max(0, lengthMs - boundS * 1000), 0) / totalMs,
  }));
  console.log(JSON.stringify({ probes, rows }));
  process.exit();
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
