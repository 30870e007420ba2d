// expect {"function": "retryNow", "cause": ["javascript", "spin"], "thread": "main"}
import { run, timeUp } from './harness.mjs';

function retryNow(isOver, done) {
  if (isOver()) done();
  else process.nextTick(retryNow, isOver, done);
}

await run(['retryNow', () => new Promise((resolve) => retryNow(timeUp(), resolve))]);
