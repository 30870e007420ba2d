// docs/formats.md: its commands are run against a program that is watched.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { escapeName } from '../../src/prometheus/escaping.js';
import type { Escaping } from '../../src/prometheus/format.js';
import { parseText } from '../../src/prometheus/parse.js';
import { eventually } from '../support/eventually.js';
import { requireTool } from '../support/external-tools.js';
import { root, startInstrumented } from '../support/instrumented.js';

const page = readFileSync(join(root, 'docs/formats.md'), 'utf8');

test('every command answers our metrics, in the format that the page says', async (t) => {
  if (!requireTool(t, 'curl', 'curl')) return;
  const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, command = '']) => command);
  assert.equal(commands.length, 3);
  await using app = await startInstrumented<{ metrics: string }>('http-server.mjs');
  // A scrape that finds the main thread busy is answered without its figures.
  await eventually(
    async () => (await fetch(app.said.metrics)).text(),
    (text) => text.includes('nodejs_eventloop_time_seconds_total{'),
  );
  const answers: string[] = [];
  for (const command of commands) {
    const here = command.replace('http://127.0.0.1:9464/metrics', app.said.metrics);
    assert.notEqual(here, command);
    const { stdout } = await promisify(execFile)('sh', ['-c', here], { timeout: 60_000 });
    assert.ok(parseText(stdout).families.size > 10);
    answers.push(stdout);
  }
  assert.deepEqual(
    answers.map((answer) => answer.endsWith('# EOF\n')),
    [false, true, false],
  );
  assert.match(answers[1] ?? '', /^# UNIT .* seconds$/m);
  assert.match(answers[1] ?? '', /^nodejs_eventloop_time_seconds_created\{.*\} \d+/m);
});

test('the table of escapings is true', () => {
  const rows = [...page.matchAll(/^\| (?:none, )?`([\w-]+)` \| `(.*)` \|$/gm)];
  assert.equal(rows.length, 4);
  for (const [, escaping = '', name = ''] of rows) {
    const escaped = escapeName('http.requests', escaping as Escaping);
    assert.equal(escaping === 'allow-utf-8' ? `{"${escaped}"}` : escaped, name);
  }
});
