// expect {"function": "<anonymous>", "cause": "javascript", "thread": "main"}
import { EventEmitter } from 'node:events';
import { run, timeUp } from './harness.mjs';

const bus = new EventEmitter();
export let sum = 0;
bus.on('order', () => {
  const isOver = timeUp();
  while (!isOver()) for (let index = 0; index < 1000; index++) sum = (sum * 31 + index) | 0;
});

await run(['<anonymous>', () => new Promise((resolve) => setImmediate(() => resolve(void bus.emit('order'))))]);
