// The machine and the runtime that a program runs on, and what they keep Loopsight from.
import { accessSync, constants, readFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { cpuStatPaths } from '../../instrumentations/process/cgroup.js';
import { mayUseFolder, socketFolders } from '../dump/socket-place.js';
import { captureObstacle } from '../stalls/loop/can-capture.js';
import type { Machine, Obstacle } from './record.js';

const RIGHTS = ['fs.read', 'fs.write', 'child', 'worker', 'net', 'inspector', 'addons', 'wasi'] as const;
// Beyond this a limit is how the kernel writes "none".
const NO_LIMIT = 2 ** 53;

/** Describes the machine and runtime of this process. Never throws. */
export function describeMachine(environment: Readonly<Record<string, string | undefined>> = process.env): Machine {
  const { permission, constrainedMemory } = process as typeof process & {
    readonly permission?: { has(scope: string): boolean };
  };
  const memoryLimit = attempt(() => constrainedMemory.call(process), 0);
  const processorLimit = attempt(readProcessorLimit, undefined);
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch} ${attempt(release, '')}`.trim(),
    processors: attempt(availableParallelism, 1),
    memory: attempt(totalmem, 0),
    ...(memoryLimit > 0 && memoryLimit < NO_LIMIT ? { memoryLimit } : {}),
    heapLimit: getHeapStatistics().heap_size_limit,
    ...(processorLimit === undefined ? {} : { processorLimit }),
    procReadable: readable('/proc/self/stat'),
    ...(permission === undefined
      ? {}
      : { rights: Object.fromEntries(RIGHTS.map((right) => [right, attempt(() => permission.has(right), false)])) }),
    nodeOptions: environment.NODE_OPTIONS ?? '',
  };
}

/** What cannot work in this process whatever is set, and why. */
export function findObstacles(): Obstacle[] {
  const obstacles: Obstacle[] = [];
  const add = (what: string, why: string | undefined) => {
    if (why !== undefined) obstacles.push({ what, why });
  };
  add('naming the code that causes a stall', captureObstacle());
  if (attempt(() => process.getBuiltinModule('node:inspector').url(), undefined) !== undefined) {
    add('stall reports', 'the inspector is open: while a debugger is attached, a stop is put down to it');
  }
  if (!readable('/proc/self/stat')) {
    add(
      'telling what a blocked thread waits for, and CPU of single threads',
      process.platform === 'linux' ? '/proc cannot be read' : `only Linux tells (this is ${process.platform})`,
    );
  }
  if (process.platform === 'win32') add('loopsight dump', 'Windows has no sockets that only one user can open');
  else if (attempt(() => !socketFolders().some(mayUseFolder), true)) {
    add('loopsight dump', 'no folder may be used for the socket');
  }
  return obstacles;
}

// The quota lies beside cpu.stat: `cpu.max` in version 2 of control groups, two files in version 1.
function readProcessorLimit(): number | undefined {
  for (const path of cpuStatPaths(readFileSync('/proc/self/cgroup', 'utf8'))) {
    const folder = path.slice(0, -'cpu.stat'.length);
    const text =
      attempt(() => readFileSync(`${folder}cpu.max`, 'utf8'), undefined) ??
      attempt(
        () =>
          `${readFileSync(`${folder}cpu.cfs_quota_us`, 'utf8').trim()} ${readFileSync(`${folder}cpu.cfs_period_us`, 'utf8')}`,
        undefined,
      );
    const [quota = Number.NaN, period = Number.NaN] = (text ?? '').trim().split(' ').map(Number);
    if (quota > 0 && period > 0) return quota / period;
  }
  return undefined;
}

function readable(path: string): boolean {
  return attempt(() => {
    accessSync(path, constants.R_OK);
    return true;
  }, false);
}

function attempt<T, D>(read: () => T, otherwise: D): T | D {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
