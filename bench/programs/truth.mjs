// A server whose loop is blocked on order, watched by all three at once; loopsight/register is loaded before it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { current } from 'loopsight';
import { collectDefaultMetrics, register } from 'prom-client';
import { exporter } from '../peers/preload-otel-runtime.mjs';
import { answerWith } from './answer.mjs';

collectDefaultMetrics();

const server = createServer(async (request, response) => {
  if (request.url === '/prom-client') response.end(await register.metrics());
  else if (request.url === '/opentelemetry') exporter.getMetricsRequestHandler(request, response);
  else response.end('ok');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

function block(ms) {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

answerWith({
  listen: async () => ({ port: server.address().port, loopsight: (await current().endpoint).url }),
  /** Blocks the loop for `blockMs` in the middle of each of `cycles` periods. */
  run: async ({ periodMs, blockMs, cycles }) => {
    const startMs = performance.now();
    for (let cycle = 0; cycle < cycles; cycle++) {
      await wait(startMs + cycle * periodMs + (periodMs - blockMs) / 2 - performance.now());
      block(blockMs);
    }
    await wait(startMs + cycles * periodMs - performance.now());
  },
  /** Answers, and then blocks the loop once. */
  blockSoon: ({ afterMs, blockMs }) => {
    setTimeout(block, afterMs, blockMs);
  },
});
