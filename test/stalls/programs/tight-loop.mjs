// expect {"function": "sumInvoices", "cause": "javascript", "thread": "main"}
import { run, timeUp } from './harness.mjs';

function sumInvoices() {
  const isOver = timeUp();
  let total = 0;
  while (!isOver()) for (let line = 0; line < 1000; line++) total += Math.sqrt(line);
  return total;
}

async function handleCheckout() {
  sumInvoices();
}

await run(['sumInvoices', handleCheckout]);
