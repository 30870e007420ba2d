// expect {"function": "nextPrime", "cause": ["javascript", "native"], "thread": "main"}
import { run, timeUp } from './harness.mjs';

function nextPrime() {
  const isOver = timeUp();
  let candidate = 3n ** 4001n;
  while (!isOver()) candidate = (candidate ** 2n % (candidate - 2n)) | 1n;
  return candidate;
}

await run(['nextPrime', () => void nextPrime()]);
