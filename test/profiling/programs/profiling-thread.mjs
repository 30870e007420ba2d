// Profiles the main thread as the observer does, with the built package.
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const built = (file) => import(new URL(`../../../dist/esm/src/${file}`, import.meta.url).href);
const { openHeartbeat } = await built('observer/heartbeat.js');
const { startContinuous } = await built('profiling/continuous.js');
const { createProfileWindows } = await built('profiling/windows.js');
const { createCpuTime } = await built('profiling/cpu-time.js');
const { createProfiler } = await built('profiling/profiler.js');
const { isSampled } = await built('profiling/sampling.js');
const { systemClock: clock } = await built('clock.js');

const heartbeat = openHeartbeat();
const INTERVAL_US = 2000;
const keepAlive = setInterval(() => {}, 1000);
const report = (cause, error) => parentPort.postMessage({ failure: `${cause}: ${error}` });

/** What V8 has compiled before it samples, it may take for its caller: the work begins then. */
const ready = () => setTimeout(() => parentPort.postMessage('ready'), 50);

function ticksOf(profile) {
  const ticks = {};
  for (const { callFrame, hitCount = 0 } of profile.nodes) {
    if (hitCount > 0) ticks[callFrame.functionName] = (ticks[callFrame.functionName] ?? 0) + hitCount;
  }
  return ticks;
}

/** Windows one after the other, and the counters that are made of them. */
async function continuous(count) {
  const seconds = {};
  const recorder = {
    sum: (_definition, attributes) => ({
      add(value) {
        const name = attributes['code.function.name'];
        seconds[name] = (seconds[name] ?? 0) + value;
      },
      release() {},
    }),
  };
  const cpuTime = createCpuTime({
    recorder,
    root: '',
    ownFolder: '',
    mapped: (frame) => frame,
    threadCpuS: () => Number.NaN,
  });
  const windows = createProfileWindows();
  const seen = [];
  const profile = startContinuous({
    heartbeat,
    intervalUs: INTERVAL_US,
    windowMs: 60_000,
    onWindow(one) {
      const { fromMs, toMs, samples } = windows.add(one);
      cpuTime.add(windows.within(fromMs, toMs).at(-1));
      seen.push({ fromMs, toMs, samples: samples.length });
    },
    report,
  });
  // The first one begins the profile.
  await profile.rotate();
  ready();
  const sampledWhile = isSampled(heartbeat);
  const startedMs = clock.monotonicMs();
  for (let number = 0; number < count; number++) {
    await pause(400);
    await profile.rotate();
  }
  const endedMs = clock.monotonicMs();
  profile.stop();
  profile.stop();
  await pause(20);
  parentPort.postMessage({
    windows: seen,
    seconds,
    startedMs,
    endedMs,
    sampledWhile,
    sampledAfter: isSampled(heartbeat),
  });
}

async function once() {
  const profiler = createProfiler({ heartbeat, clock });
  const recording = profiler.record({ durationMs: 1500, intervalUs: INTERVAL_US, threads: 'main' });
  ready();
  const busy = await profiler
    .record({ durationMs: 10, intervalUs: INTERVAL_US, threads: 'main' })
    .catch((error) => error);
  const { threads, notes, pid } = await recording;
  parentPort.postMessage({
    busy: busy.name,
    notes,
    isOwn: pid === process.pid,
    ticks: ticksOf(threads[0].profile),
    sampledAfter: isSampled(heartbeat),
  });
}

async function joined() {
  const windows = createProfileWindows();
  const profile = startContinuous({
    heartbeat,
    intervalUs: INTERVAL_US,
    windowMs: 300,
    onWindow: (one) => windows.add(one),
    report,
  });
  await profile.rotate();
  ready();
  const profiler = createProfiler({ heartbeat, clock, continuous: { profile, windows, intervalUs: INTERVAL_US } });
  const { threads, intervalUs } = await profiler.record({ durationMs: 1500, intervalUs: 10_000, threads: 'main' });
  profile.stop();
  const [{ profile: taken }] = threads;
  parentPort.postMessage({
    intervalUs,
    ticks: ticksOf(taken),
    durationMs: (taken.endTime - taken.startTime) / 1000,
    samples: taken.samples.length,
  });
}

const { way } = workerData;
if (way === 'once') await once();
else if (way === 'joined') await joined();
else await continuous(4);
// A thread that ends by itself before the main thread has closed a session takes the process with it; the observer never does.
await pause(100);
clearInterval(keepAlive);
