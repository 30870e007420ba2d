// A worker that computes for as long as it is told, or waits for a child where that is less than 0, and then stops at a debugger
// where there is one.
const { execSync } = require('node:child_process');
const { parentPort } = require('node:worker_threads');

function pauseInWorker() {
  // biome-ignore lint/suspicious/noDebugger: what a debugger stops at
  debugger;
  return 'went on';
}

parentPort.on('message', (ms) => {
  if (ms < 0) execSync(`sleep ${-ms / 1000}`);
  const end = Date.now() + ms;
  while (Date.now() < end);
  parentPort.postMessage(pauseInWorker());
});
