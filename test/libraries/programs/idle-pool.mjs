// A pool of one worker that waits for its tasks in Atomics.wait; each POST runs a task that holds it for so many milliseconds.
import { createServer } from 'node:http';

const { default: Pool } = await import(process.env.POOL_LIBRARY);
const filename = new URL('held-for.cjs', import.meta.url).href;
const pool = new Pool({ filename, minThreads: 1, maxThreads: 1 });

const server = createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  response.end(JSON.stringify(await pool.run(JSON.parse(body))));
});
server.listen(0, '127.0.0.1', async () => {
  const endpoint = await globalThis[Symbol.for('loopsight.v1')].running.endpoint;
  console.log(JSON.stringify({ app: `http://127.0.0.1:${server.address().port}`, metrics: endpoint.url }));
});
