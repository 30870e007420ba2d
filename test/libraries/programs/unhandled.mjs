// A rejection that nobody handles ends the process, as it would without us.
import { Redis } from 'ioredis';
import pg from 'pg';
import { createClient, createClientPool } from 'redis';

const [what, port] = process.argv.slice(2);
const address = { host: '127.0.0.1', port: Number(port) };

if (what === 'pg') {
  new pg.Pool(address).query('SELECT 1');
} else if (what === 'ioredis') {
  new Redis(address).call('NO-SUCH-COMMAND');
} else if (what === 'redis') {
  const client = await createClient({ socket: address }).connect();
  client.sendCommand(['NO-SUCH-COMMAND']);
} else {
  const pool = await createClientPool({ socket: address }).connect();
  pool.execute(async () => {
    throw new Error('NO-SUCH-COMMAND');
  });
}
