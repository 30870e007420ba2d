// expect {"function": "primes", "cause": "javascript", "thread": "main"}
import { run, timeUp } from './harness.mjs';

function* primes() {
  for (let candidate = 100_003; ; candidate += 2) {
    let isPrime = true;
    for (let divisor = 3; divisor < candidate; divisor += 2) if (candidate % divisor === 0) isPrime = false;
    if (isPrime) yield candidate;
  }
}

await run([
  'primes',
  () => {
    const isOver = timeUp();
    for (const _ of primes()) if (isOver()) break;
  },
]);
