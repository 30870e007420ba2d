// A program with a loopsight.config.json, as users start it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { registerFiles, root, runNode } from '../support/run-node.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-config-program-'));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'package.json'), '{ "name": "shop", "version": "1.0.0" }');
writeFileSync(join(folder, 'ends.mjs'), "console.log('ran');");

const configure = (content: unknown) =>
  writeFileSync(join(folder, 'loopsight.config.json'), typeof content === 'string' ? content : JSON.stringify(content));

async function doctor(env: Readonly<Record<string, string>>): Promise<Map<string, { value: string; source: string }>> {
  const main = join(root, 'dist/esm/src/cli/main.js');
  // Its record tells what is in force in a program: in this one, as it ends.
  const args = [main, 'doctor', '--json', '--wait', '60', '--', process.execPath, 'ends.mjs'];
  const { stdout, stderr } = await runNode(args, { cwd: folder, env });
  const { settings } = JSON.parse(stdout) as { settings: { name: string; value: string; source: string }[] };
  assert.ok(settings.length > 0, stderr);
  return new Map(settings.map(({ name, value, source }) => [name, { value, source }]));
}

describe('a program with loopsight.config.json', () => {
  it('runs with what the file says, and with what variables say over it', async () => {
    configure({ stallThresholdMs: 250, lagProbeIntervalMs: 70, instrumentations: { locks: false } });
    const settings = await doctor({ LOOPSIGHT_LAG_PROBE_INTERVAL_MS: '60' });
    const of = (name: string) => settings.get(name);
    assert.deepEqual(of('stallThresholdMs'), { value: '250', source: 'file' });
    assert.deepEqual(of('lagProbeIntervalMs'), { value: '60', source: 'variable' });
    assert.deepEqual(of('locks'), { value: 'off', source: 'file' });
    assert.match(of('LOOPSIGHT_CONFIG_FILE')?.value ?? '', /loopsight\.config\.json$/);
  });

  for (const loader of ['import', 'require'] as const) {
    it(`ends at its start where the file is wrong (--${loader})`, async () => {
      configure({ port: 'eighty' });
      const args = [`--${loader}`, registerFiles[loader], 'ends.mjs'];
      const { code, stdout, stderr } = await runNode(args, { cwd: folder });
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(
        stderr,
        /^loopsight: loopsight\.config\.json: Expected `port` to be an integer from 0 to 65535, got "eighty" \(string\)\n$/,
      );
    });
  }

  it('runs where the variable says that the file is not read', async () => {
    configure('{ no json');
    const args = ['--import', registerFiles.import, 'ends.mjs'];
    const { code, stdout } = await runNode(args, { cwd: folder, env: { LOOPSIGHT_CONFIG_FILE: 'off' } });
    assert.deepEqual([code, stdout], [0, 'ran\n']);
  });

  it('has a schema beside it', () => {
    const schema = JSON.parse(readFileSync(join(root, 'dist/config.schema.json'), 'utf8')) as { properties: object };
    assert.ok('stallThresholdMs' in schema.properties);
  });
});
