// What callgrind_annotate makes of the odd: recursions, names that look like its own syntax, nothing at all.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeCallgrind } from '../../src/profile/callgrind.js';
import { profileFrom } from '../../src/profile/from-v8.js';
import { annotated, requireAnnotate } from './callgrind-annotate.js';
import { frame, HOSTILE, recordingOf, type Tree, v8Profile } from './recordings.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-callgrind-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const textOf = (...calls: readonly Tree[]) =>
  writeCallgrind(profileFrom(recordingOf(v8Profile(calls)), { title: 'odd\nprogram', root: '/srv' }));

test('a recursion through another function counts once', (t) => {
  if (!requireAnnotate(t)) return;
  const even = frame('even', '/srv/a.js', 1);
  const odd = frame('odd', '/srv/a.js', 5);
  const text = textOf({ frame: even, samples: 1, calls: [{ frame: odd, calls: [{ frame: even, samples: 3 }] }] });
  const told = annotated(folder, text, ['--inclusive=yes']);
  assert.match(told, /^4,000 \(100\.0%\)\s+PROGRAM TOTALS$/m);
  assert.match(told, /^4,000 \(100\.0%\)\s+\/srv\/a\.js:even/m);
  assert.match(told, /^3,000 \(75\.00%\)\s+\/srv\/a\.js:odd/m);
});

test('names that look like its own syntax', (t) => {
  if (!requireAnnotate(t)) return;
  const calls = HOSTILE.filter((name) => name !== '(idle)').flatMap((name) => [
    { frame: frame(name, '/srv/a.js', 1), samples: 1 },
    { frame: frame('named', name, 1), samples: 1 },
  ]);
  const told = annotated(folder, textOf(...calls), []);
  assert.match(
    told,
    new RegExp(`^${(calls.length * 1000).toLocaleString('en-US')} \\(100\\.0%\\)\\s+PROGRAM TOTALS$`, 'm'),
  );
  assert.match(told, /\/srv\/a\.js:\(3\) three$/m);
});

test('nothing at all', (t) => {
  if (!requireAnnotate(t)) return;
  assert.match(annotated(folder, textOf(), []), /PROGRAM TOTALS/);
});

test('a file whose functions only call others is annotated without complaints', (t) => {
  if (!requireAnnotate(t)) return;
  const file = join(folder, 'calls.js');
  writeFileSync(file, 'function calls() {\n  other();\n}\n');
  const other = { frame: frame('other', '/srv/other.js', 1), samples: 3 };
  const told = annotated(folder, textOf({ frame: frame('calls', file, 1), calls: [other] }), [
    '--inclusive=yes',
    '--auto=yes',
  ]);
  assert.match(told, /^0\s+function calls\(\) \{\n3,000 \(100\.0%\)\s+=> \/srv\/other\.js:other/m);
});
