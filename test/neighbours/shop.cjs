// A small Express shop that calls itself: the same requests, one after the other, in every run.
const http = require('node:http');
const { once } = require('node:events');
const { setTimeout: delay } = require('node:timers/promises');

/**
 * Serves on a free port, sends three requests to itself, and closes.
 * `price` is what a neighbour or Loopsight may have wrapped.
 */
async function runShop(express, { price = async (id) => id * 100 } = {}) {
  const app = express();
  app.get('/stock/:id', (request, response) => response.json({ left: Number(request.params.id) }));
  app.get('/orders/:id', async (request, response) => {
    await delay(5);
    const { body } = await get(`${address}/stock/${request.params.id}`);
    response.json({ ...JSON.parse(body), price: await price(Number(request.params.id)) });
  });
  app.get('/broken', (_request, response) => response.status(500).send('broken'));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${server.address().port}`;

  const answers = [];
  answers.push((await get(`${address}/orders/7`)).body);
  answers.push(await (await fetch(`${address}/orders/8`)).text());
  answers.push(String((await get(`${address}/broken`)).status));
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  return answers;
}

function get(url) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
  });
}

module.exports = { runShop };
