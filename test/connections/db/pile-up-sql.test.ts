// A hundred tasks of 50 ms in front of four connections to a real PostgreSQL and a real MariaDB.
import { startMariadb } from '../../libraries/servers/mariadb.js';
import { startPostgres } from '../../libraries/servers/postgres.js';
import { shared } from '../../libraries/servers/shared.js';
import { at, type PileUp, testPileUp } from './pile-up.js';
import { LIMIT, openKnex, openMysql2, openPg } from './pools.js';

const postgres = shared(startPostgres);

const CASES: readonly PileUp[] = [
  { library: 'pg', open: openPg, server: postgres, labels: at('postgresql', 'postgres'), idleMin: 0 },
  { library: 'knex', open: openKnex, server: postgres, labels: at('postgresql', 'postgres'), idleMin: 0 },
  { library: 'mysql2', open: openMysql2, server: startMariadb, labels: at('mysql', 'shop'), idleMax: LIMIT },
];

for (const pileUp of CASES) testPileUp(pileUp);
