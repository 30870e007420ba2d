// expect {"function": "renderInvoice", "cause": "javascript", "thread": "main"}
import { once } from 'node:events';
import { createServer } from 'node:http';
import { run, timeUp } from './harness.mjs';

function renderInvoice() {
  const startMs = performance.now();
  const isOver = timeUp();
  let total = 0;
  while (!isOver()) for (let line = 0; line < 1000; line++) total += Math.sqrt(line);
  return total > 0 ? performance.now() - startMs : 0;
}

const server = createServer((_, response) => response.end(String(renderInvoice()))).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}/invoices/7`;

await run(['renderInvoice', async () => Number(await (await fetch(url)).text())]);
server.closeAllConnections();
server.close();
