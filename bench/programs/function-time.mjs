// One call of an async function with two awaits, under what the first argument says:
//   bare            nothing is traced or hooked
//   duration        traced, without an account of the time
//   tier-one        traced: segments and the loop's idle time
//   tasks           the same, and shown as a live call
//   tier-two        traced, each call measured by hooks, as in a window
//   bare-in-window  not traced, while others are measured
//   bare-after      not traced, after a window has closed
//   hooks           not traced, under async_hooks that do nothing: the least that measuring all the time costs
//   hand            a hand-written span and histogram under an SDK
//   traced-sdk      traced, under the same SDK
import { createHook } from 'node:async_hooks';
import { metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { traced } from 'loopsight';
import { createTracedMonitor } from '../../dist/esm/instrumentations/traced/index.js';
import { measureFunctions } from '../../dist/esm/instrumentations/traced/time/measure-functions.js';
import { scheduleOf } from '../../dist/esm/instrumentations/traced/time/schedule.js';
import { systemClock } from '../../dist/esm/src/clock.js';
import { startLiveCalls } from '../../dist/esm/src/live-calls/live-calls.js';
import { createStore } from '../../dist/esm/src/recorder/store.js';
import { answerWith } from './answer.mjs';
import { awaitOver, loopOver, measure } from './measure.mjs';

const side = process.argv[2];
const report = (cause, error) => console.error(cause, error);
const store = createStore({ clock: systemClock, report });
const modes = {
  duration: 'off',
  'tier-one': 'on-demand',
  tasks: 'on-demand',
  'tier-two': 'on-demand',
  'traced-sdk': 'on-demand',
  duty: 'on',
};
if (side in modes) {
  createTracedMonitor({ functionTime: modes[side] }).start({
    recorder: store,
    clock: systemClock,
    shared: false,
    report,
  });
}
if (side === 'tasks') startLiveCalls();
if (side === 'hand' || side === 'traced-sdk') {
  new NodeTracerProvider({ spanProcessors: [] }).register({ contextManager: new AsyncLocalStorageContextManager() });
}

const inner = async (x) => x + 1;
async function work(x) {
  const y = await inner(x);
  return await inner(y);
}
const sync = (x) => x + 1;

const tracer = trace.getTracer('bench');
const duration = metrics.getMeter('bench').createHistogram('duration');
function hand(target) {
  return (x) =>
    tracer.startActiveSpan('work', async (span) => {
      const startMs = performance.now();
      try {
        return await target(x);
      } finally {
        duration.record((performance.now() - startMs) / 1000);
        span.end();
      }
    });
}

function subject(target) {
  if (side in modes) return traced(`${side} ${target.name}`, target);
  return side === 'hand' ? hand(target) : target;
}

async function prepare() {
  if (side === 'hooks') createHook({ init() {}, before() {}, after() {} }).enable();
  if (side === 'tier-two' || side === 'bare-in-window') void measureFunctions({ forMs: 600_000 });
  if (side !== 'bare-after') return;
  const measured = measureFunctions({ forMs: 1 });
  await measured;
}

/** A server's load without the server: flows that await timers and promises, with `rate` promises a second in all. */
async function duty({ forMs }) {
  const other = traced('load', async () => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    for (let i = 0; i < 20; i++) await inner(i);
  });
  const schedule = scheduleOf({ clock: systemClock, report });
  const endMs = performance.now() + forMs;
  let calls = 0;
  const flow = async () => {
    while (performance.now() < endMs) {
      await other();
      calls++;
    }
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: 100 }, flow));
  const tookMs = performance.now() - startMs;
  // One window has been open; there is one in each 30 s.
  return { costMs: schedule.costMs, promisesPerSecond: (calls * 45 * 1000) / tookMs };
}

answerWith({
  async measure(plan) {
    const variants = { async: awaitOver(subject(work)), ...(side === 'hand' ? {} : { sync: loopOver(subject(sync)) }) };
    const settle = () => new Promise(setImmediate);
    if (side === 'bare-after') await measure(variants, { ...plan, rounds: 1 });
    await prepare();
    return measure(variants, { ...plan, settle, chunk: 2000 });
  },
  duty,
});
