// Waits for a child for as many seconds as it was told, and turns afterwards.
const { execSync } = require('node:child_process');
const { writeSync } = require('node:fs');

function waitForChild() {
  execSync(`sleep ${process.argv[2] ?? 30}`);
}

writeSync(1, 'ready\n');
waitForChild();
setTimeout(() => writeSync(1, 'turned\n'), 50);
setInterval(() => {}, 60_000);
