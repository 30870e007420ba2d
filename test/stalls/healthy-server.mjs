// A healthy server: each request takes up to 40 ms, most far less. Says where it and its metrics answer.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { start } from 'loopsight';

const { endpoint } = start();
const MOST_MS = 40;

function answerRequest(response) {
  const endMs = performance.now() + Math.random() ** 2 * MOST_MS;
  let sum = 0;
  while (performance.now() < endMs) for (let row = 0; row < 100; row++) sum += Math.sqrt(row);
  response.end(String(sum));
}

const server = createServer((_, response) => answerRequest(response)).listen(0, '127.0.0.1');
await once(server, 'listening');
const { url } = await endpoint;
console.log(JSON.stringify({ url, port: server.address().port }));
