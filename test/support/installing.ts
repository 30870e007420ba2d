// Installs packages that the repository does not have, on demand and once, for tests in several processes at a time.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const INSTALL_LIMIT_MS = 180_000;

/** Installs what the lock file in `folder` says, unless it is there already; tells why it could not be done. */
export async function ensurePackages(folder: string, more: readonly string[] = []): Promise<string | undefined> {
  const stamp = join(folder, 'node_modules/.installed');
  const wanted = hashOf([join(folder, 'package.json'), join(folder, 'package-lock.json')]);
  if (isStamped(stamp, wanted)) return undefined;
  // Of two that install at once, each would remove what the other has brought.
  const release = await lock(join(folder, '.installing'));
  try {
    if (isStamped(stamp, wanted)) return undefined;
    const failure = await install(folder, more);
    if (failure === undefined) writeFileSync(stamp, wanted);
    return failure;
  } finally {
    release();
  }
}

async function install(folder: string, more: readonly string[]): Promise<string | undefined> {
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts', ...more], {
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
  return code === 0 ? undefined : `npm ci ended with ${code}: ${stderr.trim().split('\n')[0] ?? ''}`;
}

/** Every file below `folder`, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A digest of names and contents. */
export function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

/** Whether the file `stamp` holds `wanted`. */
export function isStamped(stamp: string, wanted: string): boolean {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

// Test files run side by side in processes of their own, and several use the same packages.
/** Waits for the folder `path` to be ours alone; returns its release. */
export async function lock(path: string): Promise<() => void> {
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
