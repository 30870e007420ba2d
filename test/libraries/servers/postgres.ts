// A real PostgreSQL for tests: user `app` without a password, database `postgres`.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { requireTool } from '../../support/external-tools.js';
import { type DatabaseServer, runProgram, startServer } from './server.js';

const DEBIAN = '/usr/lib/postgresql';

/** Starts PostgreSQL; where there is none, the test is skipped or fails as `requireTool` says, and it is undefined. */
export async function startPostgres(t: TestContext): Promise<DatabaseServer | undefined> {
  const folder = programs();
  if (!requireTool(t, join(folder, 'postgres'), 'postgresql')) return undefined;
  return startServer({
    name: 'postgres',
    users: ['postgres', 'nobody'],
    prepare(data, user) {
      const flags = ['-D', data, '-U', 'app', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--no-locale'];
      runProgram(join(folder, 'initdb'), flags, data, user);
    },
    command: (data, port) => [
      join(folder, 'postgres'),
      ...['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
      ...['-c', 'fsync=off', '-c', 'shared_buffers=16MB', '-c', 'max_connections=40'],
    ],
    readyLine: /ready to accept connections/,
    stopSignal: 'SIGINT',
  });
}

// Debian keeps the programs of every version out of PATH.
function programs(): string {
  try {
    const versions = readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one));
    return versions[0] === undefined ? '' : join(DEBIAN, versions[0], 'bin');
  } catch {
    return '';
  }
}
