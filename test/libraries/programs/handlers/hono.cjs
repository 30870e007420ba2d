const { Hono } = require('hono');

const app = new Hono();
app.get('/users/:id', (context) => context.text(context.req.param('id')));
Promise.resolve(app.request('/users/4711')).then(async (response) => console.log(await response.text()));
