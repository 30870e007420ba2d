// The worker of every pool of the tests: holds for so many milliseconds or, with a port, until who has the other end lets go.
const { once } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');

async function hold(task) {
  const { holdMs, port } = typeof task === 'object' ? task : { holdMs: task };
  if (port !== undefined) {
    const letGo = once(port, 'message');
    port.postMessage('started');
    await letGo;
    port.close();
  } else if (typeof holdMs !== 'number') throw new Error('no number');
  else await sleep(holdMs);
  return holdMs;
}

// Piscina and tinypool take the function itself; the other two are told of it in the worker.
module.exports = hold;
const { HELD_LIBRARY: library } = process.env;
if (library === 'workerpool') require('workerpool').worker({ hold });
if (library === 'poolifier') module.exports = new (require('poolifier').ThreadWorker)(hold);
