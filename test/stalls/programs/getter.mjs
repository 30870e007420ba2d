// expect {"function": "total", "cause": "javascript", "thread": "main"}
import { run, timeUp } from './harness.mjs';

class Basket {
  get total() {
    const isOver = timeUp();
    let cents = 0;
    while (!isOver()) for (let item = 0; item < 1000; item++) cents += Math.hypot(item, 1);
    return cents;
  }
}

const basket = new Basket();
await run(['total', () => void basket.total]);
