// What the tests use beyond npm: Debian's packages, and a second version of Node.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const DEBIAN = [
  { package: 'prometheus', present: () => spawnSync('promtool', ['--version']).status === 0 },
  {
    package: 'python3-prometheus-client',
    present: () => spawnSync('/usr/bin/python3', ['-c', 'import prometheus_client']).status === 0,
  },
];

/** The second version of Node that the suite runs on; `npm run test` uses the version it is started with as the first. */
export const NODE_24 = '24.21.0';

/** Installs Debian's packages where this user may; says what to install otherwise. */
export function ensureDebianPackages() {
  const missing = DEBIAN.filter(({ present }) => !present()).map((tool) => tool.package);
  if (missing.length === 0) return;
  const mayInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  if (mayInstall) {
    console.log(`Installing ${missing.join(', ')} …`);
    const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    spawnSync('apt-get', ['update'], options);
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...missing], options);
  }
  const still = DEBIAN.filter(({ present }) => !present()).map((tool) => tool.package);
  if (still.length > 0) {
    console.log(`Some checks cannot run here. To run them: apt-get install ${still.join(' ')}`);
  }
}

/** The path of Node 24, installed from its package; undefined where it cannot be had. */
export function ensureNode24() {
  if (process.platform !== 'linux') return undefined;
  const name = `node-linux-${process.arch}`;
  const prefix = join(root, '.cache', 'node-24');
  const binary = join(prefix, 'node_modules', name, 'bin', 'node');
  if (!existsSync(binary)) {
    console.log(`Installing Node ${NODE_24} …`);
    try {
      execFileSync('npm', ['install', '--prefix', prefix, '--no-save', '--loglevel=error', `${name}@${NODE_24}`], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    } catch {
      return undefined;
    }
  }
  return existsSync(binary) ? binary : undefined;
}
