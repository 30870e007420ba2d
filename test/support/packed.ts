// The packed tarball, installed among an application of its own: what users have, far from the repository.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensurePackages, filesBelow, hashOf, isStamped, lock } from './installing.js';
import { type Run, type RunOptions, root, runWithoutStalls } from './run-node.js';

/** The folders below test/package/tools. */
export type Tool = 'jest' | 'vitest' | 'webpack' | 'pnpm' | 'bun' | 'deno';

/** An application in a temporary folder that has installed the tarball and `@opentelemetry/api`, nothing else. */
export interface App {
  readonly folder: string;
  /** Writes a file of the application; returns its path. */
  write(name: string, text: string): string;
  /** Makes one more package resolvable for the application. */
  link(name: string, target: string): void;
  /** Runs Node in the folder; what is said of long stalls is left out. */
  run(args: readonly string[], options?: Omit<RunOptions, 'cwd'>): Promise<Run>;
  remove(): void;
}

const PACKED = join(root, '.cache/packed');
const TARBALL = join(PACKED, 'loopsight.tgz');
const INSTALLED = join(PACKED, 'app');

/** Packs what would be published, once for each build. */
export async function packTarball(): Promise<string> {
  mkdirSync(PACKED, { recursive: true });
  const release = await lock(join(PACKED, 'lock'));
  try {
    packUnlessCurrent();
    return TARBALL;
  } finally {
    release();
  }
}

/** Creates an application; the registry is asked once for each build. */
export async function createApp(): Promise<App> {
  await packTarball();
  const release = await lock(join(PACKED, 'lock'));
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-packed-'));
  try {
    installUnlessCurrent();
    cpSync(INSTALLED, folder, { recursive: true });
  } finally {
    release();
  }
  return {
    folder,
    write(name, text) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    link(name, target) {
      const path = join(folder, 'node_modules', name);
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(target, path, 'dir');
    },
    run: (args, options = {}) => runWithoutStalls(args, { ...options, cwd: folder }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Installs a tool on demand; returns its folder. Throws with the reason where it cannot be had. */
export async function installTool(tool: Tool): Promise<string> {
  const folder = join(root, 'test/package/tools', tool);
  const release = await lock(join(root, 'test/package/tools', `${tool}.lock`));
  try {
    const failure = await ensurePackages(folder);
    if (failure !== undefined) throw new Error(`${tool} could not be installed: ${failure}`);
    return folder;
  } finally {
    release();
  }
}

function packUnlessCurrent(): void {
  const stamp = `${TARBALL}.stamp`;
  const formats = ['esm', 'cjs'].flatMap((format) => filesBelow(join(root, 'dist', format)));
  const wanted = hashOf([join(root, 'package.json'), join(root, 'README.md'), ...formats]);
  if (isStamped(stamp, wanted)) return;
  const fresh = mkdtempSync(join(PACKED, 'new-'));
  npm(['pack', '--ignore-scripts', '--pack-destination', fresh], root);
  const [name = ''] = readdirSync(fresh);
  cpSync(join(fresh, name), TARBALL);
  rmSync(fresh, { recursive: true, force: true });
  writeFileSync(stamp, wanted);
}

function installUnlessCurrent(): void {
  const stamp = join(PACKED, 'app.stamp');
  const wanted = hashOf([TARBALL]);
  if (isStamped(stamp, wanted)) return;
  rmSync(INSTALLED, { recursive: true, force: true });
  mkdirSync(INSTALLED, { recursive: true });
  writeFileSync(join(INSTALLED, 'package.json'), '{ "name": "shop", "version": "3.2.1", "private": true }\n');
  npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', TARBALL], INSTALLED);
  writeFileSync(stamp, wanted);
}

function npm(args: readonly string[], cwd: string): void {
  execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}
