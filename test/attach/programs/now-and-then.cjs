// Waits for a child, for as many seconds as it was told, whenever it gets SIGUSR2.
const { execSync } = require('node:child_process');
const { writeSync } = require('node:fs');

process.on('SIGUSR2', () => {
  writeSync(1, 'blocked\n');
  execSync(`sleep ${process.argv[2] ?? 1}`);
  setTimeout(() => writeSync(1, 'turned\n'), 50);
});
setInterval(() => {}, 60_000);
writeSync(1, 'ready\n');
