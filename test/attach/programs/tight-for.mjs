// Holds its loop for as many milliseconds as it was told, or until there is a file, and turns afterwards.
import { existsSync, writeSync } from 'node:fs';

const heldMs = Number(process.argv[2] ?? 1000);
const file = process.argv[3] ?? '';

function hold() {
  const endMs = performance.now() + heldMs;
  while (performance.now() < endMs && !existsSync(file));
}

writeSync(1, 'ready\n');
hold();
setTimeout(() => writeSync(1, 'turned\n'), 50);
setInterval(() => {}, 60_000);
