// Never gives its loop a turn.
import { writeSync } from 'node:fs';

let total = 0;

function addUp(round) {
  let sum = 0;
  for (let index = 0; index < 1000; index++) sum += index % (round + 1);
  return sum;
}

function spinForever() {
  for (let round = 0; ; round = (round + 1) % 100) total += addUp(round);
}

writeSync(1, 'ready\n');
spinForever();

export { total };
