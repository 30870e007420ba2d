// What child processes are called: never by what was passed to them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childName, createChildNameLimit, NAME_LIMIT } from '../../instrumentations/processes/child-name.js';

const ROOT = '/srv/app';
const NODE = process.execPath;

for (const [name, spawnfile, spawnargs] of [
  ['git', 'git', ['git', 'log', '--author=secret']],
  ['convert', '/usr/bin/convert', ['/usr/bin/convert', 'secret.png']],
  ['sh', '/bin/sh', ['/bin/sh', '-c', 'convert secret.png']],
  ['worker.js', NODE, [NODE, '/srv/app/worker.js', 'secret']],
  ['workers/resize.mjs', NODE, [NODE, '--max-old-space-size=64', '/srv/app/workers/resize.mjs']],
  ['src/main.ts', 'node', ['node', '--import', 'tsx', '/srv/app/src/main.ts']],
  ['main.cjs', 'node', ['node', '-r', './secret.js', '/srv/app/main.cjs']],
  ['tool.js', 'node', ['node', '/opt/secret/tool.js']],
  ['node', 'node', ['node', '-e', 'secret()', '/srv/app/worker.js']],
  ['node', 'node', ['node', '--test']],
  ['node', 'node', ['node', 'secret']],
  ['node', 'node', ['node']],
  ['unknown', '', []],
] as const) {
  test(`${spawnfile} ${spawnargs.slice(1).join(' ')} is ${name}`, () => {
    assert.equal(childName({ spawnfile, spawnargs: [...spawnargs] }, ROOT), name);
  });
}

test('beyond the limit new programs are `other`, known ones stay what they are', () => {
  const limit = createChildNameLimit();
  for (let program = 0; program < NAME_LIMIT; program++) assert.equal(limit(`p${program}`), `p${program}`);
  assert.deepEqual([limit('one more'), limit('p0')], ['other', 'p0']);
});
