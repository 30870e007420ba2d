// What the tests use beyond npm: Debian's packages, and other versions of Node.
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
  { package: 'openssl', present: () => spawnSync('openssl', ['version']).status === 0 },
  {
    package: 'prometheus-alertmanager',
    present: () => spawnSync('prometheus-alertmanager', ['--version']).status === 0,
  },
  { package: 'curl', present: () => spawnSync('curl', ['--version']).status === 0 },
  { package: 'jq', present: () => spawnSync('jq', ['--version']).status === 0 },
  // Servers of databases put themselves where no path leads.
  { package: 'postgresql', present: () => existsSync('/usr/lib/postgresql') },
  { package: 'mariadb-server', present: () => existsSync('/usr/sbin/mariadbd') },
  { package: 'redis-server', present: () => spawnSync('redis-server', ['--version']).status === 0 },
  { package: 'chromium', present: () => existsSync('/usr/bin/chromium') },
  // Its callgrind_annotate reads profiles.
  { package: 'valgrind', present: () => existsSync('/usr/bin/callgrind_annotate') },
  { package: 'docker-compose', present: () => spawnSync('docker-compose', ['--version']).status === 0 },
];

/** The versions of Node that are supported, each by its newest release. */
export const NODE_VERSIONS = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' };

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

/** The path of a version of Node, installed from its package; undefined where it cannot be had. */
export function ensureNode(major) {
  if (process.platform !== 'linux') return undefined;
  const version = NODE_VERSIONS[major];
  const name = `node-linux-${process.arch}`;
  const prefix = join(root, '.cache', `node-${major}`);
  const binary = join(prefix, 'node_modules', name, 'bin', 'node');
  if (!existsSync(binary)) {
    console.log(`Installing Node ${version} …`);
    try {
      execFileSync('npm', ['install', '--prefix', prefix, '--no-save', '--loglevel=error', `${name}@${version}`], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    } catch {
      return undefined;
    }
  }
  return existsSync(binary) ? binary : undefined;
}
