// Keeps the thread pool, which has one thread, busy: what is known is that each piece of work waits for those before it.
// In a loop that is blocked now and then, so that results wait for it as well.
import { pbkdf2 } from 'node:crypto';
import { lookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

const file = process.argv[1];
const block = (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

setInterval(() => {
  for (let index = 0; index < 4; index++) {
    pbkdf2('secret', 'salt', 10_000, 64, 'sha512', () => {});
  }
  // Results that come meanwhile wait.
  setTimeout(block, 5, 60);
  void stat(file);
  lookup('localhost', () => {});
  for (let index = 0; index < 5; index++) readFileSync(file);
}, 250);

new Worker(
  `const { readFileSync } = require('node:fs'); setInterval(() => readFileSync(${JSON.stringify(file)}), 50);`,
  {
    eval: true,
  },
).once('online', () => console.log('ready'));
