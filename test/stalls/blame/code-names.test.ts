// Names of code: the same after every deploy, on every machine, of one line, and never without end.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bounded,
  functionName,
  NAME_LIMIT,
  pathOf,
  relativeFile,
  withoutContentHash,
  withoutMinified,
} from '../../../src/stalls/blame/code-names.js';
import { createRandom } from '../../support/random.js';

describe('a file', () => {
  const FILES: readonly (readonly [path: string, root: string, expected: string])[] = [
    ['/srv/shop/src/a.ts', '/srv/shop', 'src/a.ts'],
    ['/srv/shop/src/a.ts', '/srv/shop/', 'src/a.ts'],
    ['/srv/shop-2/src/a.ts', '/srv/shop', 'src/a.ts'],
    ['C:\\shop\\src\\a.ts', 'C:\\shop', 'src/a.ts'],
    ['D:\\other\\deep\\src\\a.ts', 'C:\\shop', 'src/a.ts'],
    ['\\\\server\\share\\team\\a.js', 'C:\\shop', 'team/a.js'],
    ['/app/src/a.ts', '/', 'app/src/a.ts'],
    ['/a.js', '/srv/shop', 'a.js'],
    ['/opt/tools/deep/down/a.js', '/srv/shop', 'down/a.js'],
    ['/opt/tools/deep/down/a.js', '', 'down/a.js'],
    ['../../home/ada/a.js', '/srv/shop', 'ada/a.js'],
    ['/srv/shop/node_modules/lodash/map.js', '/srv/shop', 'node_modules/lodash/map.js'],
    ['/usr/lib/node_modules/.pnpm/a@1/node_modules/a/i.js', '/srv/shop', 'node_modules/a/i.js'],
    ['webpack://shop/./src/a.ts', '/srv/shop', 'src/a.ts'],
    ['webpack:///./src/a.vue?1f3b', '/srv/shop', 'src/a.vue'],
    ['webpack-internal:///(rsc)/./app/page.tsx', '/srv/shop', 'app/page.tsx'],
    ['webpack://shop//srv/shop/src/a.ts', '/srv/shop', 'src/a.ts'],
    ['webpack://shop/../../home/ada/lib/a.ts', '/srv/shop', 'lib/a.ts'],
    ['turbopack:///[project]/app/page.tsx', '/srv/shop', 'app/page.tsx'],
    ['/srv/shop/src/a.ts?v=12', '/srv/shop', 'src/a.ts'],
    ['evalmachine.<anonymous>', '/srv/shop', 'evalmachine.<anonymous>'],
    ['node:internal/fs/read', '/srv/shop', 'node:internal/fs/read'],
    ['native', '/srv/shop', 'native'],
    ['eval', '/srv/shop', 'eval'],
    ['', '/srv/shop', ''],
    ['data:text/javascript,const secret = 1', '/srv/shop', 'data'],
    ['blob:nodedata:0a1b2c', '/srv/shop', 'blob'],
    ['wasm://wasm/3f2a9c1b', '/srv/shop', 'wasm'],
  ];
  for (const [path, root, expected] of FILES) {
    test(`${path} in ${root === '' ? 'no folder' : root} is ${expected === '' ? 'nothing' : expected}`, () => {
      assert.equal(relativeFile(path, root), expected);
    });
  }
});

describe('a URL of a file', () => {
  const URLS: readonly (readonly [url: string, path: string])[] = [
    ['file:///srv/shop/a%20b.js', '/srv/shop/a b.js'],
    ['file:///srv/shop/a.js?t=1#x', '/srv/shop/a.js'],
    ['file:///srv/%ZZ/a.js?t=1', '/srv/%ZZ/a.js'],
    ['file://host/share/a.js', '/host/share/a.js'],
    ['/srv/shop/c#/a.js', '/srv/shop/c#/a.js'],
    ['evalmachine.<anonymous>', 'evalmachine.<anonymous>'],
  ];
  for (const [url, path] of URLS) test(`${url} is ${path}`, () => assert.equal(pathOf(url), path));
});

describe('the hash of a bundler', () => {
  const FILES: Readonly<Record<string, string>> = {
    'main.3f2a9c1b.js': 'main.js',
    'page-3f2a9c1b2d3e4f5a.js': 'page.js',
    'chunk-ABCDEFGH.js': 'chunk.js',
    'index-B1xY_9-z.js': 'index.js',
    'a-long-name-2c9f01ab.mjs': 'a-long-name.mjs',
    '/srv/2c9f01ab/a.js': '/srv/2c9f01ab/a.js',
    'invoice-renderer2.js': 'invoice-renderer2.js',
    'report-20260101.js': 'report-20260101.js',
    'jquery.min.js': 'jquery.min.js',
    'my-Renderer.js': 'my-Renderer.js',
    'page-3f2a9c1b.ts': 'page-3f2a9c1b.ts',
  };
  for (const [file, expected] of Object.entries(FILES)) {
    test(`${file} is ${expected}`, () => assert.equal(withoutContentHash(file), expected));
  }
});

describe('the name that a minifier left', () => {
  const NAMES: Readonly<Record<string, string>> = {
    n: '<minified>',
    'a.b': '<minified>',
    'new t': '<minified>',
    'get x': '<minified>',
    '#p': '<minified>',
    'a.render': 'render',
    'Page.t': '<minified>',
    'Page.render': 'Page.render',
    'new Page': 'new Page',
  };
  for (const [name, expected] of Object.entries(NAMES)) {
    test(`${name} is ${expected}`, () => assert.equal(withoutMinified(name), expected));
  }
});

describe('a hostile name', () => {
  const NAMES: Readonly<Record<string, readonly [name: string, expected: string]>> = {
    'has line breaks': ['a\r\nb\u2028c\u0085d', 'a b c d'],
    'steers a terminal': ['\u001b[31mred\u0007', ' [31mred '],
    'turns the order of letters': ['a\u202eb\u2066c', 'a b c'],
    'is half a character': ['a\ud83d', 'a '],
    'has quotes': ['"\'`\\', '"\'`\\'],
    'is of another script': ['名前', '名前'],
    'is too long': ['x'.repeat(10_000), `${'x'.repeat(NAME_LIMIT - 1)}…`],
    'is too long by a character of two halves': [`${'x'.repeat(NAME_LIMIT - 2)}🦊🦊`, `${'x'.repeat(NAME_LIMIT - 2)}…`],
    'is empty': ['', '<anonymous>'],
  };
  for (const [what, [name, expected]] of Object.entries(NAMES)) {
    test(`that ${what} is made harmless`, () => assert.equal(functionName(name), expected));
  }

  test('of any kind is one visible line of bounded length, and twice made harmless the same', () => {
    const random = createRandom(7);
    for (let round = 0; round < 2000; round++) {
      const name = bounded(random.text(400));
      assert.ok(name.length <= NAME_LIMIT);
      assert.doesNotMatch(name, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      assert.equal(bounded(name), name);
      const file = relativeFile(`/home/ada/${random.text(100)}.js`, '/srv/shop');
      assert.ok(!file.includes('/home/ada') && !file.startsWith('/'), file);
    }
  });
});
