// expect {"function": "settleAgain", "cause": ["javascript", "spin"], "thread": "main"}
import { run, timeUp } from './harness.mjs';

let isOver = () => true;
let done = () => {};

function settleAgain() {
  if (isOver()) done();
  else queueMicrotask(settleAgain);
}

await run([
  'settleAgain',
  () =>
    new Promise((resolve) => {
      isOver = timeUp();
      done = resolve;
      settleAgain();
    }),
]);
