// Prices orders half of the time and reads files, and says how many orders it prices in a millisecond of processor time, which
// others on the machine do not change.
import { statSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

interface Order {
  readonly amounts: readonly number[];
}

const order: Order = { amounts: Array.from({ length: 2000 }, (_, index) => index) };
let priced = 0;
let total = 0;
let usedUs = process.cpuUsage().user;

function priceOrder({ amounts }: Order): number {
  let sum = 0;
  for (const amount of amounts) sum += amount % 7;
  return sum;
}

function workForAWhile(): void {
  const endMs = performance.now() + 5;
  for (; performance.now() < endMs; priced++) total += priceOrder(order);
  statSync(process.execPath);
}

setInterval(workForAWhile, 10);
setInterval(() => void readFile(process.execPath.replace(/[^/]*$/, 'none')).catch(() => {}), 20);
setInterval(() => {
  const nowUs = process.cpuUsage().user;
  writeSync(1, `pace ${(priced * 1000) / (nowUs - usedUs)}\n`);
  priced = 0;
  usedUs = nowUs;
}, 200);
writeSync(1, 'ready\n');

export { total };
