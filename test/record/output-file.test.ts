// A file that was asked for is there as a whole, or as it was.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { outputFile, UnwritableFile } from '../../src/record/output-file.js';
import { progressLine } from '../../src/record/progress.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-output-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a file is replaced as a whole, once it is complete', () => {
  const path = join(folder, 'a.html');
  writeFileSync(path, 'before');
  const begun = outputFile(path).begin();
  begun.add('af');
  assert.equal(readFileSync(path, 'utf8'), 'before');
  begun.add('ter');
  begun.done();
  begun.abandon();
  assert.equal(readFileSync(path, 'utf8'), 'after');
  outputFile(path).write(new Uint8Array([104, 105]));
  assert.equal(readFileSync(path, 'utf8'), 'hi');
  assert.deepEqual(readdirSync(folder), ['a.html']);
});

test('what is abandoned leaves what was there', () => {
  const path = join(folder, 'b.html');
  const begun = outputFile(path).begin();
  begun.add('half');
  begun.abandon();
  assert.deepEqual(readdirSync(folder), ['a.html']);
});

test('a link stays a link', () => {
  const target = join(folder, 'target.json');
  const link = join(folder, 'link.json');
  writeFileSync(target, 'before');
  symlinkSync(target, link);
  outputFile(link).write('after');
  assert.equal(readFileSync(target, 'utf8'), 'after');
});

test('a device is written into', () => {
  outputFile('/dev/null').write('nothing');
  assert.deepEqual(readFileSync('/dev/null', 'utf8'), '');
});

for (const { what, path } of [
  { what: 'a folder', path: folder },
  { what: 'a folder that is not there', path: join(folder, 'none', 'a.html') },
  { what: 'a file below a file', path: join(folder, 'a.html', 'b.html') },
]) {
  test(`${what} is refused before anything is written`, () => {
    assert.throws(() => outputFile(path), UnwritableFile);
  });
}

// Root may write anywhere.
if (process.getuid?.() !== 0) {
  test('a folder without rights is refused', () => {
    const closed = mkdtempSync(join(folder, 'closed-'));
    chmodSync(closed, 0o500);
    assert.throws(() => outputFile(join(closed, 'a.html')), UnwritableFile);
  });
}

test('progress is drawn in one line', () => {
  assert.equal(
    progressLine('Recording process 4711', 5000, 10_000),
    'Recording process 4711 [########--------] 5 s of 10 s; Ctrl-C ends it early',
  );
  assert.match(progressLine('x', 20_000, 10_000), /\[#{16}\] 10 s of 10 s/);
});
