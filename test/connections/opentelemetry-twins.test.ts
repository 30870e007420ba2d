// What OpenTelemetry's own instrumentations record is left to them where both record into one Meter, whoever came first;
// what they do not is there.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startMongoStandIn } from '../libraries/servers/mongo-stand-in.js';
import { startPostgres } from '../libraries/servers/postgres.js';
import { shared } from '../libraries/servers/shared.js';
import { installNeighbours } from '../support/neighbours.js';
import { linesUnderTest } from '../support/opentelemetry-lines.js';
import { root, runNode } from '../support/run-node.js';

interface Told {
  readonly who: 'loopsight' | 'opentelemetry';
  readonly what: string;
  /** Of a histogram. */
  readonly count?: number;
}

/** What both can record. */
const TWINS = [
  'db.client.connection.count mongodb',
  'db.client.connection.count postgresql',
  'db.client.connection.pending_requests postgresql',
  'http.client.request.duration',
];
/** What only we record. */
const OURS = [
  'db.client.connection.limit mongodb',
  'db.client.connection.limit postgresql',
  'db.client.connection.pending_requests mongodb',
  'db.client.connection.use_time mongodb',
  'db.client.connection.use_time postgresql',
  'db.client.connection.wait_time mongodb',
  'db.client.connection.wait_time postgresql',
  'http.client.active_requests',
  'http.client.open_connections',
];
const REQUESTS = 2;

const postgres = shared(startPostgres);

for (const line of linesUnderTest()) {
  for (const ours of ['first', 'last', 'alone']) {
    test(`${line}, our instrumentations ${ours}: nobody tells what another one does`, async (t) => {
      const neighbour = await installNeighbours(line);
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      const database = await postgres(t);
      if (database === undefined) return;
      await using mongo = await startMongoStandIn({ pingMs: 1 });
      const run = await runNode([join(root, 'test/connections/fixtures/opentelemetry-twins.cjs')], {
        cwd: neighbour.folder,
        command: neighbour.node,
        env: {
          OURS: ours,
          PG_PORT: String(database.port),
          MONGO_PORT: String(mongo.port),
          LIBRARIES: join(root, 'test/libraries'),
        },
      });
      assert.equal(run.code, 0, run.stderr);
      const told = JSON.parse(run.stdout) as readonly Told[];
      const whoTells = (what: string) => [...new Set(told.filter((one) => one.what === what).map(({ who }) => who))];
      for (const what of TWINS)
        assert.deepEqual(whoTells(what), [ours === 'alone' ? 'loopsight' : 'opentelemetry'], what);
      for (const what of OURS) assert.deepEqual(whoTells(what), ['loopsight'], what);
      const durations = told.filter(({ what }) => what === 'http.client.request.duration');
      assert.equal(
        durations.reduce((sum, { count = 0 }) => sum + count, 0),
        REQUESTS,
      );
    });
  }
}
