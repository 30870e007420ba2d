// `npm test`: installs, builds and runs every check, and closes with the line "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensureDebianPackages, ensureNode24, NODE_24 } from './external-tools.mjs';
import { root, setUp } from './setup.mjs';

const total = { passed: 0, failed: 0, skipped: [] };
const env = { ...process.env, FORCE_COLOR: '0' };
for (const name of Object.keys(env)) {
  // The suite decides for itself what is configured.
  if (/^(OTEL|LOOPSIGHT)_/.test(name) || name === 'NODE_OPTIONS') delete env[name];
}

function check(title, command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 64e6 });
  console.log(`${status === 0 ? 'ok' : 'FAILED'}  ${title}`);
  if (status === 0) total.passed++;
  else {
    total.failed++;
    console.log(`${stdout}${stderr}`);
  }
}

function bin(name) {
  const manifest = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  const path = typeof manifest.bin === 'string' ? manifest.bin : Object.values(manifest.bin)[0];
  return join(root, 'node_modules', name, path);
}

/** Packs what would be published; without its scripts, because dist/ is built already. */
function packTarball() {
  const folder = join(root, '.cache', 'tarball');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root, stdio: 'ignore' });
  return join(folder, readdirSync(folder)[0] ?? 'missing.tgz');
}

function testFilesBelow(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return name === 'node_modules' ? [] : testFilesBelow(path);
      return name.endsWith('.test.ts') ? [relative(root, path)] : [];
    });
}

/** Runs test files on `node` and adds what they counted. */
function runTests(title, node, files, { coverage = false } = {}) {
  if (files.length === 0) return;
  const report = join(root, '.cache', 'report.tap');
  rmSync(report, { force: true });
  const args = [
    '--enable-source-maps',
    '--import',
    'tsx',
    '--test',
    '--test-concurrency=2',
    '--test-timeout=240000',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=tap',
    `--test-reporter-destination=${report}`,
    ...files,
  ];
  console.log(`\n── ${title}`);
  const cover = [
    bin('c8'),
    '--reporter=text-summary',
    '--temp-directory=.cache/coverage',
    '--src=src',
    '--src=instrumentations',
    '--exclude=test/**',
    '--exclude=demo/**',
    '--exclude=bench/**',
    '--exclude-after-remap',
    '--reports-dir=coverage',
    node,
  ];
  const { status } = spawnSync(
    process.execPath === node && coverage ? process.execPath : node,
    coverage ? [...cover, ...args] : args,
    {
      cwd: root,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const tap = existsSync(report) ? readFileSync(report, 'utf8') : '';
  const count = (word) => Number(tap.match(new RegExp(`^# ${word} (\\d+)$`, 'm'))?.[1] ?? 0);
  const failed = count('fail') + count('cancelled');
  total.passed += count('pass');
  total.failed += failed === 0 && status !== 0 ? 1 : failed;
  for (const [, name, reason] of tap.matchAll(/^\s*ok \d+ - (.*?) # SKIP ?(.*)$/gm))
    total.skipped.push(`${title}: ${name} (${reason})`);
}

mkdirSync(join(root, '.cache'), { recursive: true });
setUp();
ensureDebianPackages();
const node24 = ensureNode24();
if (node24 !== undefined) env.LOOPSIGHT_TEST_NODE24 = node24;

check('types', process.execPath, [bin('typescript'), '-p', 'tsconfig.json']);
check('lint and format', process.execPath, [bin('@biomejs/biome'), 'ci', '.']);
check('unused code and dependencies', process.execPath, [bin('knip')]);
check('package for publishing', process.execPath, [bin('publint'), '--strict']);
check('types of the package for every resolver', process.execPath, [
  bin('@arethetypeswrong/cli'),
  packTarball(),
  '--profile',
  'node16',
]);
check('generated docs are current', process.execPath, ['scripts/docs.mjs', '--check']);

const files = testFilesBelow(join(root, 'test'));
const blocking = files.filter((file) => file.endsWith('.blocking.test.ts'));
const others = files.filter((file) => !blocking.includes(file));
runTests(`Node ${process.versions.node}`, process.execPath, others, { coverage: true });
runTests(`Node ${process.versions.node}, tests that really block a loop`, process.execPath, blocking);
if (node24 === undefined) total.skipped.push(`the suite on Node ${NODE_24} (its binary could not be installed)`);
else
  runTests(
    `Node ${NODE_24}`,
    node24,
    others.filter((file) => !file.startsWith(join('test', 'package'))),
  );

for (const name of total.skipped) console.log(`skipped: ${name}`);
if (process.env.CI === 'true') total.failed += total.skipped.length;
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
