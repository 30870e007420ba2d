// A real Redis for tests, without persistence.
import type { TestContext } from 'node:test';
import { requireTool } from '../../support/external-tools.js';
import { type DatabaseServer, startServer } from './server.js';

/** Starts Redis; where there is none, the test is skipped or fails as `requireTool` says, and it is undefined. */
export async function startRedis(t: TestContext): Promise<DatabaseServer | undefined> {
  if (!requireTool(t, 'redis-server', 'redis-server')) return undefined;
  return startServer({
    name: 'redis',
    users: [],
    command: (folder, port) => [
      'redis-server',
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'no'],
    ],
    stopSignal: 'SIGTERM',
  });
}
