// The tables of docs/blocking-calls.md say what the code does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allowList } from '../../instrumentations/blocking-calls/throwing/allow-list.js';
import { replacementFor } from '../../src/blocking-calls/replacements.js';
import { METRICS } from '../../src/metric-names.js';
import { root } from '../support/run-node.js';

const page = readFileSync(join(root, 'docs/blocking-calls.md'), 'utf8');

/** The rows of the table below a line of the page. */
function rowsBelow(line: string): string[][] {
  const [, after = ''] = page.split(`\n${line}\n`);
  const [table = ''] = /(?:^\|.*\n)+/m.exec(after) ?? [];
  const rows = table.trim().split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('each call has the replacement that errors name', () => {
  const rows = rowsBelow('## What to call instead');
  assert.ok(rows.length > 10);
  for (const [call = '', instead = ''] of rows) {
    assert.equal(replacementFor(call.replaceAll('`', '')), instead.replaceAll('`', ''), call);
  }
});

test('the metrics are there', () => {
  const names = Object.values(METRICS).map(({ name }) => name);
  const rows = rowsBelow('name is.');
  assert.equal(rows.length, 4);
  for (const [name = ''] of rows)
    assert.ok(
      names.some((one) => one === name.replaceAll('`', '')),
      name,
    );
});

test('the patterns allow what the page says', () => {
  const rows = rowsBelow('### What may block');
  const patterns = rows.flatMap(([cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, pattern]) => pattern ?? ''));
  const load = { function: 'loadConfig', file: 'src/config/index.js' };
  const calls = [
    { call: 'fs.existsSync', callers: [load] },
    { call: 'fs.readSync', callers: [load] },
    { call: 'zlib.gzipSync', callers: [load] },
    { call: 'zlib.gzipSync', callers: [{ function: 'Cache.fill', file: 'src/cache.js' }] },
    { call: 'zlib.gzipSync', callers: [{ function: 'write', file: 'node_modules/pino/pino.js' }] },
  ];
  const allowed = patterns.map((pattern) => [pattern, calls.map(allowList([pattern]))] as const);
  assert.deepEqual(Object.fromEntries(allowed), {
    'fs.existsSync': [true, false, false, false, false],
    'fs.*': [true, true, false, false, false],
    'loadConfig()': [true, true, true, false, false],
    'Cache.*()': [false, false, false, true, false],
    'src/config/**': [true, true, true, false, false],
    'node_modules/pino/**': [false, false, false, false, true],
    'fs.* in src/config/**': [true, true, false, false, false],
    'fs.readSync in loadConfig()': [false, true, false, false, false],
  });
});
