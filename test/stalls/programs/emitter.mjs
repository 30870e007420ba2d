// expect {"function": "onPaid", "cause": "javascript", "thread": "main"}
import { EventEmitter } from 'node:events';
import { run, timeUp } from './harness.mjs';

const orders = new EventEmitter();
export let sum = 0;
orders.on('paid', function onPaid() {
  const isOver = timeUp();
  while (!isOver()) for (let index = 0; index < 1000; index++) sum = (sum * 31 + index) | 0;
});
orders.on('paid', () => {
  sum = 0;
});

await run(['onPaid', () => void orders.emit('paid')]);
