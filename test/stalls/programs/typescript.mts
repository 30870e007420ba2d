// expect {"function": "PriceList.recalculate", "cause": "javascript", "thread": "main"}
// arguments ["--import", "tsx"]
import { run, timeUp } from './harness.mjs';

interface Price {
  readonly net: number;
}

class PriceList {
  readonly #prices: Price[] = [{ net: 1 }, { net: 2 }];

  recalculate(factor: number): number {
    const isOver = timeUp();
    let gross = 0;
    while (!isOver()) for (const { net } of this.#prices) gross += Math.sqrt(net * factor);
    return gross;
  }
}

const list = new PriceList();
await run(['recalculate', () => void list.recalculate(1.19)]);
