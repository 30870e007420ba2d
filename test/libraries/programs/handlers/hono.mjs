import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { ask, sleep } from './ask.mjs';

const app = new Hono();
const untrace = globalThis.traceHandlers?.(app);
app.onError((_error, context) => context.text('', 500));
app.use((_context, next) => next());
app.get(
  '/users/:id',
  (_context, next) => next(),
  async (context) => {
    await sleep(20);
    return context.text(context.req.param('id'));
  },
);
const teams = new Hono();
teams.get('/late', async (context) => {
  await sleep(20);
  return context.text('late');
});
teams.post('/fail', async () => {
  throw new RangeError('failed');
});
teams.all('/any', (context) => context.text('any'));
app.route('/teams/:team', teams);
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, async ({ port }) => {
  await ask(port);
  untrace?.();
  if (untrace !== undefined) await ask(port);
  server.close();
  server.closeAllConnections();
});
