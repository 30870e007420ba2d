// expect {"function": "Amount.toJSON", "cause": "javascript", "thread": "main"}
import { run, timeUp } from './harness.mjs';

class Amount {
  constructor(cents) {
    this.cents = cents;
  }
  toJSON() {
    let text = '';
    for (let digit = 0; digit < 100_000; digit++) text = `${(this.cents * digit) % 10}`;
    return text;
  }
}

const ledger = Array.from({ length: 100 }, (_, cents) => new Amount(cents));

await run([
  'toJSON',
  () => {
    const isOver = timeUp();
    while (!isOver()) JSON.stringify(ledger);
  },
]);
