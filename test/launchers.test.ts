import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLauncher } from '../src/launchers.js';

const CASES: readonly (readonly [string, boolean])[] = [
  ['/usr/bin/npm start', true],
  ['/app/node_modules/.bin/nodemon app.js', true],
  ['/usr/bin/nodemon app.js', true],
  ['/app/node_modules/nodemon/bin/nodemon.js app.js', true],
  ['/app/node_modules/.bin/nest start --watch', true],
  ['/app/node_modules/.pnpm/@nestjs+cli@12.0.0/node_modules/@nestjs/cli/bin/nest.js start', true],
  ['C:\\app\\node_modules\\@nestjs\\cli\\bin\\nest.js start', true],
  ['/app/node_modules/.bin/tsx watch app.ts', true],
  ['/app/node_modules/tsx/dist/cli.mjs app.ts', true],
  ['/app/node_modules/.bin/loopsight status', true],
  ['/app/node_modules/loopsight/dist/esm/src/cli/main.js status', true],
  ['/app/node_modules/.bin/fastify start -w app.js', true],
  ['/app/node_modules/.bin/fastify start -l info app.js', false],
  ['/app/node_modules/fastify-cli/cli.js start --watch app.js', true],
  ['/app/node_modules/fastify-cli/lib/watch/fork.js -w app.js', false],
  ['/usr/lib/node_modules/pm2/lib/Daemon.js', true],
  ['/usr/lib/node_modules/pm2/bin/pm2 start app.js', true],
  ['/usr/local/bin/pm2-runtime start app.js', true],
  ['/usr/lib/node_modules/pm2/lib/ProcessContainerFork.js', false],
  ['/usr/lib/node_modules/pm2/lib/ProcessContainer.js', false],
  ['/app/bin/www', false],
  ['/app/dist/main', false],
  ['/app/nest.js', false],
  ['/app/nodemon', false],
  ['/app/server.js -w', false],
  ['/app/node_modules/.bin/next start', false],
  ['/app/node_modules/shop/node_modules/service/main.js', false],
];

for (const [line, expected] of CASES) {
  test(`${line} is ${expected ? 'a launcher' : 'the service'}`, () => {
    assert.equal(isLauncher(['/usr/bin/node', ...line.split(' ')]), expected);
  });
}

test('a process without an entry file is none', () => assert.equal(isLauncher(['/usr/bin/node']), false));
