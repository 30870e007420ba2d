// Which native calls are wrapped: those that leave no frame of their caller behind when they return.
import childProcess from 'node:child_process';
import fs from 'node:fs';

/** Functions of one object. */
export interface CallGroup {
  readonly holder: object;
  readonly names: readonly string[];
}

/** What is wrapped; read when the monitor starts. */
export const BLOCKING_CALLS = (): readonly CallGroup[] => [
  { holder: JSON, names: ['parse'] },
  { holder: globalThis, names: ['structuredClone'] },
  { holder: childProcess, names: ['spawnSync', 'execFileSync', 'execSync'] },
  { holder: fs, names: Object.keys(fs).filter((name) => name.endsWith('Sync')) },
];
