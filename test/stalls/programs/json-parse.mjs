// expect {"function": "loadPriceList", "cause": ["javascript", "native"], "thread": "main"}
import { calibrate, run } from './harness.mjs';

const part = JSON.stringify(Array.from({ length: 2000 }, (_, id) => ({ id, prices: [1, 2.5], in: { stock: true } })));
const textOf = (copies) => `[${Array(copies).fill(part).join()}]`;
const text = calibrate(2, textOf, (made) => JSON.parse(made));

function loadPriceList() {
  return JSON.parse(text).length;
}

await run(['loadPriceList', () => void loadPriceList()]);
