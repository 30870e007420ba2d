// Programs under `register`: pools found by ES and CommonJS modules, and rejections that stay unhandled.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startRedis } from '../../libraries/servers/redis.js';
import { registerFiles, root, runNode } from '../../support/run-node.js';

const PROGRAMS = join(root, 'test/libraries/programs');
const IMPORT = ['--import', pathToFileURL(registerFiles.import).href];

const VARIANTS: readonly (readonly [flags: readonly string[], program: string])[] = [
  [IMPORT, 'pools.mjs'],
  [['--require', registerFiles.require], 'pools.mjs'],
  [IMPORT, 'pools.cjs'],
  [['--require', registerFiles.require], 'pools.cjs'],
];

for (const [flags, program] of VARIANTS) {
  test(`${program} under ${flags[0]}: its pools are named by their places, and it ends by itself`, async () => {
    const { code, stdout, stderr } = await runNode([...flags, join(PROGRAMS, program)]);
    assert.equal(code, 0, stderr);
    const series = (name: string, pool: string) =>
      stdout
        .split('\n')
        .find((line) => line.startsWith(`db_client_connection_${name}{`) && line.includes(`name="${pool}"`));
    const place = `programs/${program}`;
    for (const [pool, limit] of Object.entries({ [place]: 1, [`${place}#2`]: 2, [`${place}#3`]: 3 })) {
      assert.match(series('limit', pool) ?? stdout, new RegExp(` ${limit}$`));
      assert.match(series('wait_time_seconds_count', pool) ?? stdout, / 1$/);
      assert.match(series('use_time_seconds_count', pool) ?? stdout, / 1$/);
      assert.match(series('create_time_seconds_count', pool) ?? stdout, / 1$/);
    }
  });
}

const UNHANDLED = {
  pg: /ECONNREFUSED/,
  ioredis: /unknown command/i,
  redis: /unknown command/i,
  pool: /NO-SUCH-COMMAND/,
} as const;

for (const [what, message] of Object.entries(UNHANDLED)) {
  test(`a rejection of ${what} that nobody handles ends the process`, async (t) => {
    const server = what === 'pg' ? undefined : await startRedis(t);
    if (server === undefined && what !== 'pg') return;
    await using _ = server;
    // Nobody serves at port 1.
    const port = String(server?.port ?? 1);
    const { code, stderr } = await runNode([...IMPORT, join(PROGRAMS, 'unhandled.mjs'), what, port]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, message);
  });
}
