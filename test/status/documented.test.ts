// Every rule of `loopsight status` is in the docs.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../support/run-node.js';

const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

test('docs/commands.md has a line for each rule, and none for others', () => {
  const sources = readdirSync(join(root, 'src/status')).map((file) => read('src/status', file));
  const rules = sources.flatMap((source) => [...source.matchAll(/rule: '([a-z-]+)'/g)].map(([, rule]) => rule));
  assert.ok(rules.length > 20, `${rules.length} rules`);
  const [, table = ''] = read('docs/commands.md').split('\n| rule | wrong from |\n');
  const [rows = ''] = table.split('\n\n');
  const documented = [...rows.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, rule]) => rule);
  assert.deepEqual([...new Set(documented)].toSorted(), [...new Set(rules)].toSorted());
});
