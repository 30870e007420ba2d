// expect {"function": "Sweeper.sweep", "cause": "javascript", "thread": "main"}
import { run, timeUp } from './harness.mjs';

class Sweeper {
  told = () => {};
  sweep() {
    const startMs = performance.now();
    const isOver = timeUp();
    let sum = 0;
    while (!isOver()) for (let index = 0; index < 1000; index++) sum += Math.sqrt(index);
    this.told(sum > 0 ? performance.now() - startMs : 0);
  }
}

const sweeper = new Sweeper();
await run([
  'sweep',
  () =>
    new Promise((resolve) => {
      sweeper.told = resolve;
      setTimeout(sweeper.sweep.bind(sweeper), 5);
    }),
]);
