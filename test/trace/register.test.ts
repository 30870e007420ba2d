// LOOPSIGHT_TRACE under `loopsight/register`, until the figures are at the endpoint.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { registerFiles, runNode } from '../support/run-node.js';
import { type Application, writeApplication } from './application.js';

// On a busy machine the endpoint may answer before it has the figures of the main thread.
const PRINT = `
  const { url } = await globalThis[Symbol.for('loopsight.v1')].running.endpoint;
  let text = '';
  while (!text.includes('nodejs_eventloop_time_seconds_total')) text = await (await fetch(url)).text();
  console.log(text.split('\\n').filter((line) => line.startsWith('loopsight_function_duration_seconds_count')).join('\\n'));
`;

let app: Application;
before(() => {
  app = writeApplication({
    'served.mjs': `import { query } from './db.mjs'; await query(1); await query(2); ${PRINT}`,
    'served.cjs': `const { query } = require('./db.cjs'); (async () => { await query(1); await query(2); ${PRINT} })();`,
    'configured/package.json': '{ "name": "configured", "version": "1.0.0" }',
    'configured/loopsight.config.json': '{ "trace": ["./db.mjs#query"] }',
    'configured/db.mjs': 'export const query = async () => {};',
    'configured/served.mjs': `import { query } from './db.mjs'; await query(1); await query(2); ${PRINT}`,
  });
});
after(() => app.remove());

const CASES: readonly {
  readonly program: string;
  readonly flag: keyof typeof registerFiles;
  readonly env: Readonly<Record<string, string>>;
}[] = [
  { program: 'served.mjs', flag: 'import', env: { LOOPSIGHT_TRACE: './db.mjs#query' } },
  { program: 'served.cjs', flag: 'import', env: { LOOPSIGHT_TRACE: './*.cjs' } },
  { program: 'served.mjs', flag: 'require', env: { LOOPSIGHT_TRACE: '**/db.mjs#{query,plain}, !./nothing.mjs' } },
  { program: 'served.cjs', flag: 'require', env: { LOOPSIGHT_TRACE: './db.cjs#query' } },
  { program: 'configured/served.mjs', flag: 'import', env: {} },
];

for (const { program, flag, env } of CASES) {
  test(`${program} with --${flag} and ${env.LOOPSIGHT_TRACE ?? 'a configuration file'}`, async () => {
    const { code, stdout, stderr } = await runNode([`--${flag}`, registerFiles[flag], program], {
      cwd: app.folder,
      env,
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^loopsight_function_duration_seconds_count\{code_function_name="db\.query",[^}]*\} 2\n$/);
    assert.equal(stderr, '');
  });
}

test('without the variable nothing is traced', async () => {
  const { stdout } = await runNode(['--import', registerFiles.import, 'served.mjs'], { cwd: app.folder });
  assert.equal(stdout.trim(), '');
});

test('an entry that cannot be read stops the program with a sentence', async () => {
  const env = { LOOPSIGHT_TRACE: './db.mjs#a#b' };
  const { code, stderr } = await runNode(['--import', registerFiles.import, 'served.mjs'], { cwd: app.folder, env });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^loopsight: Expected `LOOPSIGHT_TRACE` to be entries such as .*got "\.\/db\.mjs#a#b" \(string\)\n$/,
  );
});
