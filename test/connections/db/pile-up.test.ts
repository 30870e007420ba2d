// A hundred tasks of 50 ms in front of four connections, where no database has to be started, or one that starts at once.
import { startMongoStandIn } from '../../libraries/servers/mongo-stand-in.js';
import { startRedis } from '../../libraries/servers/redis.js';
import type { DatabaseServer } from '../../libraries/servers/server.js';
import { at, type PileUp, testPileUp } from './pile-up.js';
import { openGenericPool, openMongodb, openRedisPool, openTarn, USE_MS } from './pools.js';

const noServer = async (): Promise<DatabaseServer> => ({
  host: '127.0.0.1',
  port: 0,
  [Symbol.asyncDispose]: async () => {},
});

const madeAt = (place: string) => () => ({ 'db.client.connection.pool.name': place });

const CASES: readonly PileUp[] = [
  {
    library: 'tarn',
    open: openTarn,
    server: noServer,
    labels: madeAt('test/connections/db/pools.ts'),
    idleMin: 0,
  },
  {
    library: 'generic-pool',
    open: openGenericPool,
    server: noServer,
    labels: madeAt('test/connections/db/pools.ts#2'),
    idleMin: 0,
  },
  {
    library: 'mongodb',
    open: openMongodb,
    server: () => startMongoStandIn({ pingMs: USE_MS }),
    labels: at('mongodb'),
    idleMin: 0,
    own: 1,
  },
  {
    library: 'redis',
    open: openRedisPool,
    server: startRedis,
    labels: (port) => ({ ...at('redis')(port), 'db.namespace': '2' }),
    idleMin: 1,
    untold: true,
  },
];

for (const pileUp of CASES) testPileUp(pileUp);
