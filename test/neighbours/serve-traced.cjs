// A service that traces its work and exports the traces by OTLP, as `LOOPSIGHT_TRACES=on` has it; the same code for 2.x and 3.x.
const { createServer } = require('node:http');
const { setTimeout: delay } = require('node:timers/promises');

/** Serves `/fast`, `/slow` and `/stall` on a free port, which it prints as JSON. */
function serveTraced(load) {
  const { traced } = load('loopsight');
  const routes = {
    '/fast': async () => {},
    '/slow': traced('waitForStock', () => delay(300)),
    '/stall': traced('priceOrders', async function priceOrders() {
      for (const endMs = Date.now() + 300; Date.now() < endMs; );
    }),
  };
  const handle = traced('handle', async (request, response) => {
    await routes[request.url]();
    response.end('done');
  });
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1', () => {
    const { current } = load('loopsight');
    current().endpoint.then(({ port }) => {
      console.log(JSON.stringify({ port: server.address().port, metricsPort: port }));
    });
  });
}

module.exports = { serveTraced };
