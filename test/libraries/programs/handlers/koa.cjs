const Koa = require('koa');
const { Router } = require('@koa/router');

const router = new Router();
router.get('/users/:id', (context) => {
  context.body = context.params.id;
});
const server = new Koa().use(router.routes()).listen(0, '127.0.0.1', async () => {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/users/4711`);
  console.log(await response.text());
  server.close();
  server.closeAllConnections();
});
