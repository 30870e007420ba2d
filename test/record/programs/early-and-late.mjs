// Works from its first line on, in a worker, in a child, and until it exits by itself with code 7.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

// Of its own time, and of the processor's.
const burn = (ms) => {
  const end = performance.now() + ms;
  const { user } = process.cpuUsage();
  let sum = 0;
  while (performance.now() < end || process.cpuUsage().user < user + ms * 1000)
    for (let i = 0; i < 1000; i++) sum += Math.sqrt(i);
  return sum;
};

function workedEarly() {
  return burn(200);
}
function workedLate() {
  return burn(200);
}
function workedInChild() {
  return burn(200);
}

if (process.argv[2] === 'child') workedInChild();
else {
  workedEarly();
  const worker = new Worker(`function workedInWorker() { (${burn})(200); } workedInWorker();`, {
    eval: true,
    name: 'carver',
  });
  await Promise.all([once(worker, 'exit'), once(fork(process.argv[1], ['child']), 'exit')]);
  // This one never ends by itself, but turns now and then.
  const ended = new Worker(`setInterval(function workedUntilEnded() { (${burn})(20); }, 25);`, { eval: true });
  await once(ended, 'online');
  burn(1000);
  await ended.terminate();
  process.on('exit', () => console.log('exits with 7'));
  workedLate();
  process.exit(7);
}
