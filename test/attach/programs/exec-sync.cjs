// Waits for a child until that ends or is ended, and turns afterwards.
const { execSync } = require('node:child_process');
const { writeSync } = require('node:fs');

function waitForChild() {
  try {
    execSync('exec sleep 120');
  } catch {
    // It was ended.
  }
}

writeSync(1, 'ready\n');
waitForChild();
setTimeout(() => writeSync(1, 'turned\n'), 50);
setInterval(() => {}, 60_000);
