// A Fastify server on a free port, which it says.
import Fastify from 'fastify';

function renderPage(count) {
  let text = '';
  for (let index = 0; index < count; index++) text += `<li>${index}</li>`;
  return text;
}

const app = Fastify();
app.get('/', async () => ({ ok: true }));
app.get('/page', async () => renderPage(2000));
const address = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`ready ${address}`);
