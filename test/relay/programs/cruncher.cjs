// A worker that blocks for as long as it is told, and then stops at a debugger where there is one.
const { parentPort } = require('node:worker_threads');

function pauseInWorker() {
  // biome-ignore lint/suspicious/noDebugger: what a debugger stops at
  debugger;
  return 'went on';
}

parentPort.on('message', (ms) => {
  const end = Date.now() + ms;
  while (Date.now() < end);
  parentPort.postMessage(pauseInWorker());
});
