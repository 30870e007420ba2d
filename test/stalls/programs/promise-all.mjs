// expect {"function": "priceItem", "cause": ["javascript", "spin"], "thread": "main"}
import { run, stallMs, timeUp } from './harness.mjs';

async function priceItem() {
  await undefined;
  const isOver = timeUp(stallMs / 40);
  let price = 0;
  while (!isOver()) for (let index = 0; index < 100; index++) price += Math.sqrt(index);
  return price;
}

await run(['priceItem', async () => void (await Promise.all(Array.from({ length: 40 }, () => priceItem())))]);
