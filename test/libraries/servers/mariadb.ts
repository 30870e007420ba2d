// A real MariaDB for tests: user `app` without a password, database `shop`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { requireTool } from '../../support/external-tools.js';
import { type DatabaseServer, runProgram, startServer } from './server.js';

// The server reads one statement from each line.
const INIT = "CREATE DATABASE IF NOT EXISTS shop;\nCREATE USER 'app'@'%';\nGRANT ALL ON *.* TO 'app'@'%';\n";

/** Starts MariaDB; where there is none, the test is skipped or fails as `requireTool` says, and it is undefined. */
export async function startMariadb(t: TestContext): Promise<DatabaseServer | undefined> {
  if (!requireTool(t, 'mariadbd', 'mariadb-server')) return undefined;
  return startServer({
    name: 'mariadb',
    users: ['mysql', 'nobody'],
    prepare(folder, user) {
      writeFileSync(join(folder, 'init.sql'), INIT, { mode: 0o644 });
      const flags = ['--no-defaults', `--datadir=${join(folder, 'data')}`, '--auth-root-authentication-method=normal'];
      runProgram('mariadb-install-db', [...flags, '--skip-test-db', '--skip-name-resolve'], folder, user);
    },
    command: (folder, port) => [
      'mariadbd',
      ...['--no-defaults', `--datadir=${join(folder, 'data')}`, '--bind-address=127.0.0.1', `--port=${port}`],
      ...[`--socket=${join(folder, 'mysqld.sock')}`, `--pid-file=${join(folder, 'mysqld.pid')}`],
      ...[`--init-file=${join(folder, 'init.sql')}`, '--skip-name-resolve', '--innodb-flush-log-at-trx-commit=0'],
      ...['--innodb-buffer-pool-size=16M', '--innodb-log-file-size=4M'],
    ],
    stopSignal: 'SIGTERM',
  });
}
