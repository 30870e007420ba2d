// `npm test`: installs, builds and runs every check, and closes with the line "N passed, N failed". `npm run coverage` does
// the same and says which lines were run, which makes every process of the tests slower.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bin, checkAll, close, env, runTests, setUpOrEnd, testFilesBelow, total } from './checks.mjs';
import { ensureDebianPackages, ensureNode, NODE_VERSIONS } from './external-tools.mjs';
import { ensureLibraries } from './libraries.mjs';
import { ensurePrometheus3 } from './newer-prometheus.mjs';
import { root } from './setup.mjs';

/**
 * What runs the same code on every Node, or on one of its own, or is run there in a small cut by other tests (of `record`,
 * `top` and `trace-events`, by test/attach/matrix.test.ts); `npm run test:matrix` runs it on all.
 */
const SAME_ON_EVERY_NODE = [
  'access',
  'cli',
  'compare',
  'config-file',
  'demo',
  'docs',
  'exemplars/prometheus',
  'flame',
  'grafana',
  'group/kills',
  'group/pm2',
  'package',
  'page',
  'prometheus',
  'record',
  'slo',
  'status',
  'top',
  'trace-events',
];

/** Tests that block a loop and measure how long, or use both cores by themselves. */
const ALONE = [
  'docs/tour',
  'event-loop/known-patterns',
  'profiling/register',
  'queues/pile-up',
  'stalls/exits',
  'stalls/healthy',
  'stalls/programs',
  'stalls/routes',
  'stalls/surroundings',
  'stalls/telemetry',
  'stalls/transparency',
].map((name) => join('test', `${name}.blocking.test.ts`));

/** Packs what would be published; without its scripts, because dist/ is built already. */
function packTarball() {
  const folder = join(root, '.cache', 'tarball');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root, stdio: 'ignore' });
  return join(folder, readdirSync(folder)[0] ?? 'missing.tgz');
}

setUpOrEnd();
ensureDebianPackages();
ensurePrometheus3();
ensureLibraries();
const node24 = ensureNode(24);
if (node24 !== undefined) env.LOOPSIGHT_TEST_NODE24 = node24;

const tarball = packTarball();
await checkAll([
  // The longest first.
  ['generated docs are current', process.execPath, ['scripts/docs.mjs', '--check']],
  ['unused code and dependencies', process.execPath, [bin('knip')]],
  ['types', process.execPath, [bin('typescript'), '-p', 'tsconfig.json']],
  ['types of the pages', process.execPath, [bin('typescript'), '-p', 'browser/tsconfig.json']],
  ['lint and format', process.execPath, [bin('@biomejs/biome'), 'ci', '.']],
  ['package for publishing', process.execPath, [bin('publint'), tarball, '--strict']],
  [
    'types of the package for every resolver',
    process.execPath,
    [bin('@arethetypeswrong/cli'), tarball, '--profile', 'node16', '--exclude-entrypoints', 'vitest'],
  ],
  [
    // Vitest and its configuration are ES modules.
    'types of what Vitest loads',
    process.execPath,
    [bin('@arethetypeswrong/cli'), tarball, '--profile', 'esm-only', '--entrypoints', 'vitest'],
  ],
]);

/** Most of what tests do is to wait for processes that they have started, so that two cores have room for a third. */
const AT_ONCE = 3;
const files = testFilesBelow(join(root, 'test'));
const blocking = files.filter((file) => file.endsWith('.blocking.test.ts'));
const others = files.filter((file) => !blocking.includes(file));
await runTests(`Node ${process.versions.node}`, process.execPath, others, {
  concurrency: AT_ONCE,
  coverage: process.argv.includes('--coverage'),
  line: 'otel2',
});
const alone = blocking.filter((file) => ALONE.includes(file));
const title = `Node ${process.versions.node}, tests that really block a loop`;
await runTests(
  title,
  process.execPath,
  blocking.filter((file) => !alone.includes(file)),
  { concurrency: 2 },
);
await runTests(`${title}, one at a time`, process.execPath, alone, { concurrency: 1 });
if (node24 === undefined)
  total.skipped.push(`the suite on Node ${NODE_VERSIONS[24]} (its binary could not be installed)`);
else
  await runTests(
    `Node ${NODE_VERSIONS[24]}`,
    node24,
    others.filter((file) => !SAME_ON_EVERY_NODE.some((folder) => file.startsWith(join('test', folder)))),
    { concurrency: AT_ONCE, line: 'otel3' },
  );

close();
