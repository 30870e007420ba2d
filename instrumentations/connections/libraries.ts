// The libraries whose connections are found.
import type { Library } from '../../src/loading/library.js';
import { genericPoolLibrary } from './db/generic-pool.js';
import { ioredisLibrary } from './db/ioredis.js';
import { knexLibrary } from './db/knex.js';
import { mongodbLibrary } from './db/mongodb.js';
import { mysql2Library } from './db/mysql2.js';
import { pgPoolLibrary } from './db/pg.js';
import { redisClientLibrary, redisListLibrary, redisQueueLibrary } from './db/redis.js';
import { redisPoolLibrary } from './db/redis-pool.js';
import { tarnLibrary } from './db/tarn.js';

export const CONNECTION_LIBRARIES: readonly Library[] = [
  pgPoolLibrary,
  mysql2Library,
  tarnLibrary,
  knexLibrary,
  genericPoolLibrary,
  mongodbLibrary,
  redisClientLibrary,
  redisQueueLibrary,
  redisListLibrary,
  redisPoolLibrary,
  ioredisLibrary,
];
