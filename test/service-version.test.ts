import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { buildSync } from 'esbuild';
import { COMMIT_VARIABLES, commitFrom } from '../src/commit-variables.js';
import { detectService } from '../src/service-version.js';

const SHA = 'ab12cd34ef56ab12cd34ef56ab12cd34ef56ab12';
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function tree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'loopsight-version-'));
  folders.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const app = (changes: Readonly<Record<string, string>> = {}) =>
  tree({
    'package.json': '{"name":"shop","version":"1.4.2"}',
    'package-lock.json': '{"lockfileVersion":3}',
    'dist/package.json': '{"type":"module"}',
    'dist/server.js': 'serve();',
    ...changes,
  });
const detect = (root: string, entry = 'dist/server.js', environment: Record<string, string> = {}) =>
  detectService({ entryFile: join(root, entry), environment });

describe('commitFrom', () => {
  const rows: readonly (readonly [name: string, environment: Record<string, string>, commit: string | undefined])[] = [
    ['nothing', {}, undefined],
    ['a full hash', { GITHUB_SHA: SHA }, 'ab12cd3'],
    ['a short hash that people set', { GIT_SHA: 'AB12CD3\n' }, 'ab12cd3'],
    ['a branch name', { GIT_COMMIT: 'main' }, undefined],
    ['HEAD, then a hash', { SOURCE_COMMIT: 'HEAD', GIT_COMMIT: SHA }, 'ab12cd3'],
    ['text that was not expanded', { GIT_SHA: '$GIT_SHA' }, undefined],
    ['an empty variable', { GIT_SHA: '', COMMIT_SHA: SHA }, 'ab12cd3'],
    ['a revision number of another system', { BUILD_VCS_NUMBER: '12345678' }, undefined],
    ['no commit', { GIT_SHA: '0'.repeat(40) }, undefined],
    ['a hash of SHA-256', { CI_COMMIT_SHA: 'f0'.repeat(32) }, 'f0f0f0f'],
    [
      'a platform before an image that was built earlier',
      { GIT_SHA: 'f'.repeat(40), RENDER_GIT_COMMIT: SHA },
      'ab12cd3',
    ],
    [
      "Heroku's build before its slug, which stays behind",
      { HEROKU_SLUG_COMMIT: 'f'.repeat(40), HEROKU_BUILD_COMMIT: SHA },
      'ab12cd3',
    ],
    ['a release that is a version', { SENTRY_RELEASE: 'shop@1.4.2' }, undefined],
  ];
  for (const [name, environment, commit] of rows) it(name, () => assert.equal(commitFrom(environment), commit));

  it('reads every variable of its list', () => {
    assert.equal(new Set(COMMIT_VARIABLES).size, COMMIT_VARIABLES.length);
    for (const name of COMMIT_VARIABLES) assert.equal(commitFrom({ [name]: SHA }), 'ab12cd3', name);
  });
});

describe('detectService', () => {
  it('takes name and version from the nearest package.json that has either', () => {
    assert.deepEqual(detect(app(), undefined, { GITHUB_SHA: SHA }), { name: 'shop', version: '1.4.2+ab12cd3' });
  });

  it('hashes entry and lock file where no commit is named: equal trees alike, a change of either apart', () => {
    const first = detect(app());
    assert.match(first.version ?? '', /^1\.4\.2\+files\.[0-9a-f]{8}$/);
    assert.deepEqual(detect(app()), first);
    const others = [
      app({ 'dist/server.js': 'serve(1);' }),
      app({ 'package-lock.json': '{}' }),
      app({ 'dist/server.js': `serve();${' '.repeat(5_000_000)}` }),
      app({ 'dist/server.js': `serve();${' '.repeat(5_000_001)}` }),
    ].map((root) => detect(root).version);
    assert.equal(new Set([first.version, ...others]).size, 5);
  });

  for (const lock of ['npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock']) {
    it(`knows ${lock}`, () => {
      const versions = ['a', 'b'].map((content) => {
        return detect(tree({ 'package.json': '{"version":"1.0.0"}', 'app.js': '', [lock]: content }), 'app.js').version;
      });
      assert.notEqual(versions[0], versions[1]);
    });
  }

  it('finds the lock file at the root of a workspace', () => {
    const versions = ['a', 'b'].map((content) => {
      const files = { 'package-lock.json': content, 'apps/shop/package.json': '{"name":"shop"}', 'apps/shop/a.js': '' };
      return detect(tree(files), 'apps/shop/a.js').version;
    });
    assert.notEqual(versions[0], versions[1]);
  });

  it('finds the entry that was given without its ending', () => {
    const root = app({ 'dist/index.js': 'one();' });
    assert.equal(detect(root, 'dist/server').version, detect(root).version);
    assert.notEqual(detect(root, 'dist').version, detect(root).version);
  });

  it('names the application, not the tool under node_modules that runs it', () => {
    const root = app({
      'node_modules/next/package.json': '{"name":"next","version":"99.0.0"}',
      'node_modules/next/bin.js': '',
    });
    mkdirSync(join(root, 'node_modules/.bin'));
    symlinkSync('../next/bin.js', join(root, 'node_modules/.bin/next'));
    for (const entry of ['node_modules/.bin/next', 'node_modules/next/bin.js']) {
      assert.deepEqual(detect(root, entry, { GIT_SHA: SHA }), { name: 'shop', version: '1.4.2+ab12cd3' });
    }
  });

  it('starts from the working directory without an entry file', () => {
    for (const entryFile of [undefined, '', '-']) {
      const service = detectService({ entryFile, environment: { GIT_SHA: SHA }, workingDirectory: app() });
      assert.deepEqual(service, { name: 'shop', version: '1.4.2+ab12cd3' });
    }
  });

  const packages: readonly (readonly [text: string, expected: object])[] = [
    ['not json', { version: 'ab12cd3' }],
    ['[]', { version: 'ab12cd3' }],
    ['{"name":7,"version":{}}', { version: 'ab12cd3' }],
    ['{"name":"@acme/shop"}', { name: '@acme/shop', version: 'ab12cd3' }],
    ['\uFEFF{"version":"1.0.0+build.5"}', { version: '1.0.0+build.5.ab12cd3' }],
    ['{"name":"a\\u001b[2Jb\\n","version":"1\\"}"}', { name: 'a2Jb', version: '1+ab12cd3' }],
  ];
  for (const [text, expected] of packages) {
    it(`copes with the package.json ${JSON.stringify(text)}`, () => {
      const readFile = (path: string) =>
        path === '/app/package.json' ? { size: text.length, content: Buffer.from(text) } : undefined;
      assert.deepEqual(detectService({ entryFile: '/app/a.js', environment: { GIT_SHA: SHA }, readFile }), expected);
    });
  }

  it('leaves out what cannot be read, and never throws', () => {
    const readFile = () => {
      throw new Error('denied');
    };
    assert.deepEqual(detectService({ entryFile: '/app/a.js', environment: {}, readFile }), {});
    assert.deepEqual(detectService({ entryFile: 'file:///%00', environment: {}, readFile }), {});
    assert.deepEqual(detectService({ entryFile: `/${'a/'.repeat(5000)}a.js`, environment: {} }), {});
  });

  it('works without the permission to read files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'loopsight-permission-'));
    folders.push(folder);
    buildSync({
      entryPoints: [join(import.meta.dirname, '../src/service-version.ts')],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: join(folder, 'service.cjs'),
    });
    const root = app();
    const permission = process.allowedNodeEnvironmentFlags.has('--permission')
      ? '--permission'
      : '--experimental-permission';
    const code = `
      const { detectService } = require(${JSON.stringify(join(folder, 'service.cjs'))});
      console.log(JSON.stringify(detectService({ entryFile: ${JSON.stringify(join(root, 'dist/server.js'))}, environment: {} })));
    `;
    writeFileSync(join(folder, 'main.cjs'), code);
    const run = spawnSync(
      process.execPath,
      [permission, `--allow-fs-read=${folder}/*`, '--no-warnings', join(folder, 'main.cjs')],
      {
        encoding: 'utf8',
      },
    );
    assert.equal(run.stdout, '{}\n', run.stderr);
  });
});
