// The schema for editors says what the checks say: a real validator and the checks are asked about the same values.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { readConfigFile } from '../../src/config-file/read-config.js';
import { configFileSchema } from '../../src/config-file/schema.js';
import { OPTIONS, type OptionDefinition } from '../../src/options.js';

const VALUES: readonly unknown[] = [
  'a text',
  '',
  ' ',
  'off',
  'on',
  0,
  1,
  -1,
  0.5,
  15,
  99,
  65_535,
  65_536,
  1e12,
  true,
  false,
  null,
  [],
  ['x'],
  [''],
  [' '],
  [1],
  {},
  { x: 'y' },
  { x: 1 },
  { x: 0 },
  { http: true },
  { http: 1 },
  { '': 'x' },
  'x'.repeat(300),
];

const folder = mkdtempSync(join(tmpdir(), 'loopsight-schema-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'loopsight.config.json');
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(configFileSchema());

function isTaken(content: unknown): boolean {
  writeFileSync(file, JSON.stringify(content));
  try {
    return readConfigFile({ environment: { LOOPSIGHT_CONFIG_FILE: file } }) !== undefined;
  } catch {
    return false;
  }
}

describe('the schema', () => {
  const definitions: readonly OptionDefinition[] = Object.values(OPTIONS);
  for (const { option } of definitions) {
    if (option === undefined) continue;
    it(`takes for ${option} what the program takes`, () => {
      for (const value of VALUES) {
        const content: object = { [option]: value };
        assert.equal(validate(content), isTaken(content), JSON.stringify(content).slice(0, 200));
      }
    });
  }

  it('knows no other keys', () => {
    assert.equal(validate({ prot: 1 }), false);
    assert.equal(validate({ $schema: './node_modules/loopsight/dist/config.schema.json', port: 0 }), true);
  });

  it('takes some value for every option that it has', () => {
    const { properties } = configFileSchema() as { properties: Record<string, object> };
    const never = Object.keys(properties).filter(
      (key) => key !== '$schema' && !VALUES.some((value) => validate({ [key]: value })),
    );
    assert.deepEqual(never, []);
  });
});
