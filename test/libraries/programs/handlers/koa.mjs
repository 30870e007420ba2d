import { Router } from '@koa/router';
import Koa from 'koa';
import { ask, sleep } from './ask.mjs';

const app = new Koa();
app.silent = true;
const router = new Router();
const teams = new Router({ prefix: '/teams/:team' });
const untraceAll = [router, teams].map((one) => globalThis.traceHandlers?.(one));
router.use((_context, next) => next());
router.get(
  '/users/:id',
  (_context, next) => next(),
  async (context) => {
    await sleep(20);
    context.body = context.params.id;
  },
);
teams.get('/late', async (context) => {
  await sleep(20);
  context.body = 'late';
});
teams.post('/fail', async () => {
  throw new RangeError('failed');
});
teams.all('/any', (context) => {
  context.body = 'any';
});
router.use(teams.routes());
app.use(router.routes());
const server = app.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  await ask(port);
  for (const untrace of untraceAll) untrace?.();
  if (untraceAll.includes(undefined) === false) await ask(port);
  server.close();
  server.closeAllConnections();
});
