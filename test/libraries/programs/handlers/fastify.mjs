import Fastify from 'fastify';
import { ask, sleep } from './ask.mjs';

const app = Fastify();
const untrace = globalThis.traceHandlers?.(app);
app.get('/users/:id', async (request) => {
  await sleep(20);
  return request.params.id;
});
app.register(
  async (teams) => {
    teams.get('/late', (_request, reply) => {
      setTimeout(() => reply.send('late'), 20);
    });
    teams.post('/fail', async () => {
      throw new RangeError('failed');
    });
    teams.route({
      method: ['GET', 'PUT'],
      url: '/any',
      handler(_request, reply) {
        reply.send('any');
      },
    });
  },
  { prefix: '/teams/:team' },
);
await app.listen({ port: 0, host: '127.0.0.1' });
const { port } = app.server.address();
await ask(port);
untrace?.();
if (untrace !== undefined) await ask(port);
app.server.closeAllConnections();
await app.close();
