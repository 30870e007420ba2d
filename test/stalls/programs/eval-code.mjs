// expect {"function": "formula", "cause": "javascript", "thread": "main"}
import { run, timeUp } from './harness.mjs';

const compile = new Function(
  'timeUp',
  `return function formula() {
    const isOver = timeUp();
    let cell = 0;
    while (!isOver()) for (let row = 0; row < 1000; row++) cell += Math.sqrt(row);
    return cell;
  }`,
);
const formula = compile(timeUp);

await run(['formula', () => void formula()]);
