const fastify = require('fastify');

const app = fastify();
app.get('/users/:id', (request, reply) => reply.send(request.params.id));
app.inject('/users/4711').then(async (response) => {
  console.log(response.body);
  await app.close();
});
