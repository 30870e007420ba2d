// The worker of every pool of the tests: holds for so many milliseconds; with a gate, which is shared memory, until it is
// not 0 any more; or, with a port, until who has the other end lets go: then it tells when that was, by the clock that all
// threads share.
const { once } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');

async function hold(task) {
  const { holdMs = task, port } = Object(task);
  if (port !== undefined) {
    const started = nowMs();
    const letGo = once(port, 'message');
    port.postMessage('started');
    await letGo;
    port.close();
    return { started, ended: nowMs() };
  }
  if (holdMs instanceof SharedArrayBuffer) {
    const gate = new Int32Array(holdMs);
    while (Atomics.load(gate, 0) === 0) await sleep(2);
    return 'let go';
  }
  if (typeof holdMs !== 'number') throw new Error('no number');
  await sleep(holdMs);
  return holdMs;
}

function nowMs() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

// Piscina and tinypool take the function itself; the other two are told of it in the worker.
module.exports = hold;
const { HELD_LIBRARY: library } = process.env;
if (library === 'workerpool') require('workerpool').worker({ hold });
if (library === 'poolifier') module.exports = new (require('poolifier').ThreadWorker)(hold);
