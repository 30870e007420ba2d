// The child processes of one program, as one set of series.
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundSum, Recorder } from '../../src/recorder/recorder.js';

/** Exit codes are the programs' to choose; beyond this number of distinct ones a code is `other`. */
const EXIT_CODE_LIMIT = 20;

/** Child processes of one program. */
export interface ProgramGroup {
  /** One runs. */
  started(): void;
  /** One has ended; `exit` is its code, or the signal that ended it. */
  ended(exit: string, seconds: number): void;
  /** One could not be started; `error` is the code of the error. */
  refused(error: string): void;
  /** Gives the series back. */
  release(): void;
}

/** Creates the group of `name` with its series in `recorder`. */
export function createProgramGroup(recorder: Recorder, name: string): ProgramGroup {
  const attributes = { [ATTRIBUTES.childProcessName]: name };
  const running = recorder.sum(METRICS.childProcesses, attributes);
  const duration = recorder.histogram(METRICS.childProcessDuration, attributes);
  const exits = new Map<string, BoundSum>();

  function exitsWith(code: string): BoundSum {
    const known = exits.get(code);
    if (known !== undefined) return known;
    if (exits.size >= EXIT_CODE_LIMIT && code !== 'other') return exitsWith('other');
    const sum = recorder.sum(METRICS.childProcessExits, { ...attributes, [ATTRIBUTES.exitCode]: code });
    exits.set(code, sum);
    return sum;
  }
  // From 0 on, so that the first exit is an increase.
  for (const code of ['0', '1']) exitsWith(code);

  return {
    started() {
      running.add(1);
    },
    ended(exit, seconds) {
      running.add(-1);
      duration.record(seconds);
      exitsWith(exit).add(1);
    },
    refused(error) {
      exitsWith(error).add(1);
    },
    release() {
      for (const series of [running, duration, ...exits.values()]) series.release();
    },
  };
}
