// What the inspector's requests of a profile take from the main thread: asked by a worker, as the observer does. Its first argument
// is `small` or `large`, by the code that the program has loaded and run.
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { answerWith } from './answer.mjs';

const require = createRequire(import.meta.url);
const [size] = process.argv.slice(2);
if (size === 'large') {
  for (const name of ['esbuild', 'speedscope/package.json', 'fastify', 'express', '@opentelemetry/sdk-node']) {
    try {
      require(name);
    } catch {
      // Not installed everywhere.
    }
  }
  // Many functions, all of which have run.
  globalThis.kept = Array.from({ length: 40_000 }, (_, index) => {
    const fn = new Function(`return function job${index}(x) { return x + ${index}; }`)();
    fn(1);
    return fn;
  });
}

const THREAD = `
const { Session } = require('node:inspector');
const { parentPort } = require('node:worker_threads');
const session = new Session();
session.connectToMainThread();
const post = (method, params) =>
  new Promise((resolve, reject) => session.post(method, params, (error, result) => (error ? reject(error) : resolve(result))));
const timed = async (...args) => {
  const from = performance.now();
  const result = await post(...args);
  return [performance.now() - from, result];
};
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
parentPort.on('message', async () => {
  await post('Profiler.enable');
  await post('Profiler.setSamplingInterval', { interval: 20000 });
  const { result } = await post('Runtime.evaluate', { expression: '[console.profile, console.profileEnd]' });
  const call = (next, last) =>
    timed('Runtime.callFunctionOn', {
      objectId: result.objectId,
      functionDeclaration: 'function (next, last) { const from = performance.now(); if (next !== null) this[0](next); if (last !== null) this[1](last); return performance.now() - from; }',
      arguments: [{ value: next }, { value: last }],
    });
  const [start] = await call('p0', null);
  const rotations = [];
  for (let number = 1; number <= 15; number++) {
    await pause();
    const [, answer] = await call('p' + number, 'p' + (number - 1));
    rotations.push(answer.result.value);
  }
  await call(null, 'p15');
  await post('Profiler.start');
  const both = [];
  const gaps = [];
  for (let number = 0; number < 7; number++) {
    await pause();
    const [stopMs, { profile }] = await timed('Profiler.stop');
    const [startMs] = await timed('Profiler.start');
    both.push(stopMs + startMs);
    await pause();
    const { profile: next } = await post('Profiler.stop');
    gaps.push((next.startTime - profile.endTime) / 1000);
    await post('Profiler.start');
  }
  session.disconnect();
  parentPort.postMessage({ start, rotate: median(rotations), stopAndStart: median(both), gap: median(gaps) });
});
`;

const worker = new Worker(THREAD, { eval: true });
// A program that does something now and then.
setInterval(() => JSON.stringify(process.memoryUsage()), 5);

answerWith({
  measure: () =>
    new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', resolve);
      worker.postMessage('measure');
    }),
});
