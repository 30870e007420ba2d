// What `loopsight doctor` has Node load first into the program (--require): it tells the command what it finds there.
// No program loads this otherwise, so that loopsight/register knows nothing of it.
import { renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers';
import { isMainThread } from 'node:worker_threads';
import { findWorkers } from '../../instrumentations/worker-threads/find-workers.js';
import { isLauncher } from '../launchers.js';
import { sharedState } from '../shared-state.js';
import type { LoopsightHandle } from '../start.js';
import { collectProgram, type ProgramState } from './collect.js';
import { watchReplacements } from './replaced.js';

/** `{ folder, parent, waitMs }` as JSON: where to write, the command's process, and when. */
const VARIABLE = 'LOOPSIGHT_DOCTOR';
/** The command hands a file to its own child, which writes without any right to files. */
const FILE_DESCRIPTOR = 3;

interface Request {
  readonly folder: string;
  readonly parent: number;
  readonly waitMs: number;
}

function watchProgram({ folder, parent, waitMs }: Request): void {
  const environment = { ...process.env };
  const replacedNow = watchReplacements();
  let workers = 0;
  const stopFinding = findWorkers((worker) => {
    workers++;
    worker.once('exit', () => workers--);
  });
  let told = false;

  function tell(made: ProgramState['made'], endpoint: ProgramState['endpoint']): void {
    if (told) return;
    told = true;
    stopFinding();
    try {
      const record = collectProgram({ environment, made, endpoint, workers, replaced: replacedNow() });
      const text = `${JSON.stringify(record)}\n`;
      if (process.ppid === parent) writeSync(FILE_DESCRIPTOR, text);
      else {
        const file = join(folder, `${process.pid}.json`);
        writeFileSync(`${file}.part`, text, { mode: 0o600 });
        renameSync(`${file}.part`, file);
      }
    } catch {
      // The command says that nothing was told.
    }
  }

  setTimeout(() => {
    const handle = sharedState().running as LoopsightHandle | undefined;
    Promise.resolve(handle?.endpoint).then(
      (endpoint) => tell('running', endpoint),
      () => tell('running', undefined),
    );
  }, waitMs).unref();
  process.on('exit', () => tell('ending', 'unknown'));
}

if (isMainThread && !isLauncher(process.argv)) {
  try {
    const request = process.env[VARIABLE];
    if (request !== undefined) watchProgram(JSON.parse(request) as Request);
  } catch {
    // The program runs as it would without the doctor.
  }
}
