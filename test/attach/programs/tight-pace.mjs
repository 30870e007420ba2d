// Never gives its loop a turn, and says how many rounds it makes in a millisecond of processor time, which others on the
// machine do not change.
import { writeSync } from 'node:fs';

let total = 0;

function addUp(round) {
  let sum = 0;
  for (let index = 0; index < 1000; index++) sum += index % (round + 1);
  return sum;
}

function spinForever() {
  let [rounds, sinceMs, usedUs] = [0, performance.now(), process.cpuUsage().user];
  for (;;) {
    for (let round = 0; round < 100; round++) total += addUp(round);
    rounds += 100;
    const nowMs = performance.now();
    if (nowMs < sinceMs + 200) continue;
    const nowUs = process.cpuUsage().user;
    writeSync(1, `pace ${(rounds * 1000) / (nowUs - usedUs)}\n`);
    [rounds, sinceMs, usedUs] = [0, nowMs, nowUs];
  }
}

writeSync(1, 'ready\n');
spinForever();

export { total };
