// Which code is not what lies on the disk, and what is sent of its name.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isCompiledInMemory, loadedPosition, shortened } from '../../../src/stalls/loop/compiled-in-memory.js';

describe('code', () => {
  const FILES: Readonly<Record<string, boolean>> = {
    '/srv/a.js': false,
    '/srv/a.mjs': false,
    'file:///srv/a.cjs': false,
    'node:fs': false,
    'evalmachine.<anonymous>': false,
    '/srv/a.ts': true,
    'file:///srv/a.mts': true,
    'C:\\srv\\a.tsx': true,
    '/srv/page.vue': true,
    'data:text/javascript,1': true,
  };
  for (const [file, expected] of Object.entries(FILES)) {
    test(`of ${file} is ${expected ? '' : 'not '}compiled in memory`, () => {
      assert.equal(isCompiledInMemory(file), expected);
    });
  }
});

test('a position is mapped by the map that Node has of it, and kept where it has none', () => {
  // This file itself is compiled in memory, into one line.
  const file = import.meta.url;
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_, sites) => sites[0];
  const site = new Error().stack as unknown as NodeJS.CallSite;
  Error.prepareStackTrace = prepareStackTrace;
  const [line, column] = [site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0];
  const [sourceLine] = loadedPosition(file, line, column);
  assert.notEqual(sourceLine, line);
  assert.ok(sourceLine > 20 && sourceLine < 50, `line ${sourceLine}`);
  for (const unknown of ['/srv/nowhere.ts', 'file:///%ZZ.ts', 'data:text/javascript,1', 'a\0b']) {
    assert.deepEqual(loadedPosition(unknown, 3, 5), [3, 5]);
  }
});

test('of a URL that holds code only the file that it was made from is sent, where it tells it', () => {
  assert.equal(shortened('data:text/javascript,secret()'), 'data:');
  assert.equal(shortened('data:text/javascript,secret()?filePath=%2Fsrv%2Fa%20b.ts'), '/srv/a b.ts');
  assert.equal(shortened('data:text/javascript,secret()?filePath=%ZZ'), 'data:');
  assert.equal(shortened(`/srv/${'a'.repeat(10_000)}.ts`).length, 4096);
});
