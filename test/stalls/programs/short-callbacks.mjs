// expect {"function": "sendReminder", "cause": ["javascript", "spin"], "thread": "main"}
import { run, stallMs, timeUp } from './harness.mjs';

function sendReminder() {
  const isOver = timeUp(stallMs / 30);
  let length = 0;
  while (!isOver()) for (let index = 0; index < 100; index++) length += Math.sqrt(index);
  return length;
}

// Thirty timers that are due at once: each is short, all together hold the loop.
await run([
  'sendReminder',
  () =>
    new Promise((resolve) => {
      let startMs;
      for (let number = 0; number < 30; number++) {
        setTimeout(() => {
          startMs ??= performance.now();
          sendReminder();
          if (number === 29) resolve(performance.now() - startMs);
        }, 10);
      }
    }),
]);
