// What is done about stalls before they are over, because some never are: the file, the log and the dump.
import type { Clock } from '../clock.js';
import type { Dumper } from '../dump/collect.js';
import { createDumpOnStall } from '../dump/dump-on-stall.js';
import type { StallReport } from '../stalls/blame/stall-report.js';
import { createLastingStallLog } from '../stalls/tell/lasting-stall-log.js';
import { createStallFile } from '../stalls/tell/stall-file.js';
import type { OngoingStall } from '../stalls/watch/ongoing.js';
import { writeError } from '../write-error.js';
import { type Heartbeat, SETTING } from './heartbeat.js';
import type { StallWatchSettings } from './messages.js';

export interface LastingStallsOptions {
  readonly settings: StallWatchSettings;
  readonly clock: Clock;
  readonly heartbeat: Heartbeat;
  readonly dump: Dumper;
  readonly report: (cause: string, error: unknown) => void;
}

/** Acts on the stalls that last, and on their ends. */
export interface LastingStalls {
  look(stalls: readonly OngoingStall[]): void;
  over(report: StallReport): void;
}

/** Creates what acts; it must be told at each look of the stall watch. */
export function createLastingStalls({ settings, clock, heartbeat, dump, report }: LastingStallsOptions): LastingStalls {
  const { log, stallFile: path, unhealthyAfterMs } = settings;
  const lines = createLastingStallLog(log);
  const dumpOn = createDumpOnStall({
    clock,
    afterMs: () => heartbeat.settings[SETTING.dumpAfterMs] ?? 0,
    dump,
    write: writeError,
    onError: (error) => report('the stacks could not be written', error),
  });
  const onError = (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    if (log !== 'off') writeError(`loopsight: the stall file could not be written (${message})\n`);
    report('the stall file could not be written', error);
  };
  const file = path === '' ? undefined : createStallFile({ path, unhealthyAfterMs, onError });
  return {
    look(stalls) {
      file?.look(stalls);
      for (const line of lines(stalls)) writeError(`${line}\n`);
      dumpOn(stalls);
    },
    over(stall) {
      file?.over(stall);
    },
  };
}
