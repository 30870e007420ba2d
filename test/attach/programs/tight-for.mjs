// Holds its loop for as many milliseconds as it was told, and turns afterwards.
import { writeSync } from 'node:fs';

const heldMs = Number(process.argv[2] ?? 1000);

function hold() {
  const endMs = performance.now() + heldMs;
  while (performance.now() < endMs);
}

writeSync(1, 'ready\n');
hold();
setTimeout(() => writeSync(1, 'turned\n'), 50);
setInterval(() => {}, 60_000);
