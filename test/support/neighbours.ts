// The neighbours that Loopsight has to be a good guest beside: installed on demand into test/neighbours/<line>.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newerNode, root } from './run-node.js';

/** The folders below test/neighbours. */
export type NeighbourLine = 'otel2' | 'otel3' | 'sentry' | 'dd-trace' | 'prom-client';

/** An installed neighbour, or the reason why there is none. */
export type Neighbour = { readonly folder: string; readonly node: string } | { readonly missing: string };

const NEEDS_NEWER_NODE: readonly NeighbourLine[] = ['otel3', 'dd-trace'];
const INSTALL_LIMIT_MS = 180_000;

/** Installs the packages of `line` and a copy of the built Loopsight among them, unless both are there already. */
export async function installNeighbours(line: NeighbourLine): Promise<Neighbour> {
  const node = NEEDS_NEWER_NODE.includes(line) ? newerNode() : process.execPath;
  if (node === undefined) return { missing: `${line} needs Node 22.15 or newer; LOOPSIGHT_TEST_NODE24 names none` };
  const folder = join(root, 'test/neighbours', line);
  const release = await lock(join(root, 'test/neighbours', `${line}.lock`));
  try {
    const failure = await ensurePackages(folder, line);
    if (failure !== undefined) return { missing: `${line} could not be installed: ${failure}` };
    ensureLoopsight(folder);
    return { folder, node };
  } finally {
    release();
  }
}

async function ensurePackages(folder: string, line: NeighbourLine): Promise<string | undefined> {
  const stamp = join(folder, 'node_modules/.installed');
  const wanted = hashOf([join(folder, 'package.json'), join(folder, 'package-lock.json')]);
  if (isStamped(stamp, wanted)) return undefined;
  // The native parts of dd-trace (profiler, security) are optional, large, and not what is tested.
  const omit = line === 'dd-trace' ? ['--omit=optional'] : [];
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts', ...omit], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INSTALL_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let stderr = '';
  npm.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(npm, 'close');
  if (code !== 0) return `npm ci ended with ${code}: ${stderr.trim().split('\n')[0] ?? ''}`;
  writeFileSync(stamp, wanted);
  return undefined;
}

// A link to the repository would resolve @opentelemetry/api to the repository's copy, not to the application's.
function ensureLoopsight(folder: string): void {
  const target = join(folder, 'node_modules/loopsight');
  const stamp = join(target, '.copied');
  const files = [
    join(root, 'package.json'),
    ...['esm', 'cjs'].flatMap((format) => filesBelow(join(root, 'dist', format))),
  ];
  const wanted = hashOf(files);
  if (isStamped(stamp, wanted)) return;
  const fresh = `${target}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  for (const path of ['package.json', 'dist/esm', 'dist/cjs']) {
    cpSync(join(root, path), join(fresh, path), { recursive: true });
  }
  writeFileSync(join(fresh, '.copied'), wanted);
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

function isStamped(stamp: string, wanted: string): boolean {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

// Test files run side by side in processes of their own, and several use the same neighbour.
async function lock(path: string): Promise<() => void> {
  for (;;) {
    try {
      mkdirSync(path);
      return () => rmdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > INSTALL_LIMIT_MS) {
      rmSync(path, { recursive: true, force: true });
    }
    await delay(100);
  }
}
