// A service that writes 20 lines of log for each request, by one of several loggers; prints its port to standard error.
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const LINES = 20;
const detail = 'x'.repeat(1000);

function openLog(kind) {
  if (kind === 'console') return (line) => console.log(JSON.stringify(line));
  if (kind === 'write') return (line) => writeSync(1, `${JSON.stringify(line)}\n`);
  const pino = createRequire(join(process.cwd(), 'test/libraries/package.json'))('pino');
  const destinations = {
    pino: () => undefined,
    synchronous: () => pino.destination({ sync: true }),
    thread: () => pino.transport({ target: 'pino/file' }),
  };
  const logger = pino(destinations[kind]());
  return (line) => logger.info(line);
}

const log = openLog(process.argv[2]);

function handleOrder(_request, response) {
  for (let number = 0; number < LINES; number++) log({ number, detail });
  response.end();
}

const server = createServer(handleOrder).listen(0, '127.0.0.1', () => {
  writeSync(2, `${JSON.stringify({ port: server.address().port })}\n`);
});
