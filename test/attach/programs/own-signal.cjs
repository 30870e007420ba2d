// Handles SIGUSR1 itself, and other signals.
const { writeSync } = require('node:fs');

for (const signal of ['SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGHUP']) {
  process.on(signal, () => writeSync(1, `got ${signal}\n`));
}
setInterval(() => {}, 60_000);
writeSync(1, 'ready\n');
