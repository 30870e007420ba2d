import express from 'express';
import { ask, sleep } from './ask.mjs';

const app = express();
const untrace = globalThis.traceHandlers?.(app);
app.use((_request, _response, next) => next());
app.get(
  '/users/:id',
  (_request, _response, next) => next(),
  async (request, response) => {
    await sleep(20);
    response.send(request.params.id);
  },
);
const teams = express.Router();
teams.get('/late', (_request, response) => {
  setTimeout(() => response.end('late'), 20);
});
teams.post('/fail', async () => {
  throw new RangeError('failed');
});
teams.all('/any', (_request, response) => {
  response.end('any');
});
app.use('/teams/:team', teams);
app.use((_error, _request, response, _next) => response.status(500).end());
const server = app.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  await ask(port);
  untrace?.();
  if (untrace !== undefined) await ask(port);
  server.close();
  server.closeAllConnections();
});
