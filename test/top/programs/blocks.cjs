// Works a little all the time; on SIGUSR2 it waits for a child for as many seconds as it was told.
const { execSync } = require('node:child_process');
const { writeSync } = require('node:fs');

function waitForChild() {
  execSync(`sleep ${process.argv[2] ?? 3}`);
}

function work() {
  const endMs = performance.now() + 5;
  let rounds = 0;
  while (performance.now() < endMs) rounds++;
  return rounds;
}

process.on('SIGUSR2', () => {
  writeSync(1, 'blocks\n');
  waitForChild();
  writeSync(1, 'turns\n');
});
setInterval(work, 50);
process.stdout.write('ready\n');
