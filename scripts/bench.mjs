// `npm run bench`: installs, builds and runs the benchmarks of bench/ in turn, or those that are named.
//
//   npm run bench -- traced http    only these
//   npm run bench -- --quick        about two minutes, with wider intervals
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

const BENCHES = [
  'recorder',
  'traced',
  'function-time',
  'trace-load',
  'logging',
  'http',
  'blocking-calls',
  'memory',
  'scrape',
  'queues',
  'locks',
  'workers',
  'exporter',
  'truth',
  'stalls',
  'profiling',
  'compare',
  'compare-real',
];

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith('-'));
const names = args.filter((arg) => !arg.startsWith('-'));
const unknown = [...flags.filter((flag) => flag !== '--quick'), ...names.filter((name) => !BENCHES.includes(name))];
if (unknown.length > 0) {
  console.error(`Expected any of ${BENCHES.join(', ')} and --quick, got ${unknown.join(', ')}.`);
  process.exit(2);
}

setUp();
if (!existsSync(join(root, 'bench/peers/node_modules/.package-lock.json'))) {
  console.log('Installing what to compare with …');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: join(root, 'bench/peers'),
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) process.exit(1);
}

// What else the machine is doing decides how far the figures can be trusted.
const load = loadavg()[0]?.toFixed(2);
console.log(
  `\nNode ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} × ${cpus()[0]?.model}, load ${load}`,
);
const failed = [];
for (const name of names.length > 0 ? names : BENCHES) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', join('bench', `${name}.ts`), ...flags], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\nThese benchmarks failed: ${failed.join(', ')}.`);
  process.exitCode = 1;
}
