// Asks a server for its routes in turn, over connections that are kept, until it is told to stop. Arguments: port, paths.
import { Agent, get } from 'node:http';

const [port, ...paths] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const CONNECTIONS = 4;
let isOver = false;
let count = 0;
process.once('disconnect', () => process.exit());
process.once('message', () => {
  isOver = true;
});

const ask = (path) =>
  new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent }, (response) =>
      response.resume().once('close', resolve),
    );
    request.once('error', resolve);
  });

await Promise.all(
  Array.from({ length: CONNECTIONS }, async (_, connection) => {
    for (let index = connection; !isOver; index++) {
      count++;
      await ask(paths[index % paths.length].replace('ID', `secret-${count}`));
    }
  }),
);
agent.destroy();
process.disconnect();
