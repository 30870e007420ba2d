// What `npm start`, `npm test` and the other scripts share: installing and building, only where something changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from './start/failure.mjs';

/** The root of the repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const SOURCES = [
  'src',
  'instrumentations',
  'demo',
  'grafana/sets.ts',
  'grafana/rules',
  'grafana/alerts',
  'grafana/dashboards',
  'browser',
  'scripts/build.mjs',
  'scripts/pages.mjs',
  'scripts/prune.mjs',
  'package.json',
  'tsconfig.json',
  'tsconfig.esm.json',
  'tsconfig.cjs.json',
];

/**
 * The steps that are needed before anything can run, in their order; `done` is to be called after each that succeeded.
 * Throws with a sentence where packages must be installed and `node_modules` is a link.
 */
export function* neededSteps() {
  const shell = process.platform === 'win32';
  const installing = stepUnlessCurrent('install', ['package-lock.json'], 'node_modules', {
    title: 'Installing packages',
    command: 'npm',
    args: ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    options: { shell },
  });
  for (const step of installing) {
    refuseLink('node_modules');
    yield step;
  }
  yield* stepUnlessCurrent('build', SOURCES, 'dist/demo/main.js', {
    title: 'Building',
    command: process.execPath,
    args: ['scripts/build.mjs'],
    options: {},
  });
}

/** Installs and builds. Throws with a sentence where a step fails, or must not be done. */
export function setUp() {
  for (const { title, command, args, options, done } of neededSteps()) {
    console.log(`${title} …`);
    const { status, error } = spawnSync(command, args, {
      ...options,
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (error !== undefined) throw new Error(`${command} could not be started: ${error.message}`);
    if (status !== 0) throw new Error(`\`${[command, ...args].join(' ')}\` ended with exit code ${status}`);
    done();
  }
}

function* stepUnlessCurrent(name, sources, product, step) {
  const stamp = join(root, '.cache', `${name}.stamp`);
  const hash = hashOf(sources);
  if (existsSync(join(root, product)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  yield {
    ...step,
    done() {
      mkdirSync(dirname(stamp), { recursive: true });
      writeFileSync(stamp, hash);
    },
  };
}

// npm would empty the folder that the link leads to, which is somebody else's.
function refuseLink(path) {
  if (lstatSync(join(root, path), { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Failure(
      `${path} is a symbolic link, whose target \`npm ci\` would empty; remove the link and run this again`,
    );
  }
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const file of paths
    .map((path) => join(root, path))
    .filter(existsSync)
    .flatMap(filesBelow)) {
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}
