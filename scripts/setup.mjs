// What `npm start` and `npm test` share: installing and building on a bare clone, only when something changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const stamp = (name) => join(root, '.cache', `${name}.stamp`);
const SOURCES = [
  'src',
  'instrumentations',
  'demo',
  'scripts/build.mjs',
  'package.json',
  'tsconfig.json',
  'tsconfig.esm.json',
  'tsconfig.cjs.json',
];

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
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

function isCurrent(name, hash) {
  return existsSync(stamp(name)) && readFileSync(stamp(name), 'utf8') === hash;
}

function remember(name, hash) {
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(stamp(name), hash);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (error !== undefined) throw new Error(`${command} could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`\`${[command, ...args].join(' ')}\` ended with exit code ${status}`);
}

/** Installs the packages of package-lock.json unless they are there. Throws with a sentence where that fails. */
export function ensureInstalled() {
  const hash = hashOf(['package-lock.json']);
  if (existsSync(join(root, 'node_modules')) && isCurrent('install', hash)) return;
  console.log('Installing packages …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  remember('install', hash);
}

/** Builds dist/ unless it is up to date. Throws with a sentence where that fails. */
export function ensureBuilt() {
  const hash = hashOf(SOURCES);
  if (existsSync(join(root, 'dist/esm/src/register.js')) && isCurrent('build', hash)) return;
  console.log('Building …');
  run(process.execPath, ['scripts/build.mjs']);
  remember('build', hash);
}
