const express = require('express');

const app = express();
app.get('/users/:id', (request, response) => response.send(request.params.id));
const server = app.listen(0, '127.0.0.1', async () => {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/users/4711`);
  console.log(await response.text());
  server.close();
  server.closeAllConnections();
});
