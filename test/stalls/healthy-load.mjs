// Sends requests to a server from a process of its own, at random moments: port, requests a second, seconds.
import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const [port, perSecond, seconds] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: 50 });
const endMs = performance.now() + seconds * 1000;
let answered = 0;
let dueMs = performance.now();
while (dueMs < endMs) {
  await pause(Math.max(0, dueMs - performance.now()));
  get({ port, host: '127.0.0.1', agent }, (response) => response.resume().on('end', () => answered++)).on(
    'error',
    () => {},
  );
  dueMs += (-Math.log(1 - Math.random()) * 1000) / perSecond;
}
await pause(500);
console.log(answered);
process.exit();
