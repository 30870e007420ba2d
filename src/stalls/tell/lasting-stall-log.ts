// A loop that never turns again would be in no log: what is told when a stall is over comes too late for it.
import { createStages, isExpected, type OngoingStall } from '../watch/ongoing.js';
import { stallJson, stallSentence } from './stall-sentence.js';

/** The first line comes when a stall has lasted for this long, the next ones whenever it has doubled. */
const LASTING_FROM_MS = 10_000;

/** Turns the stalls that last into the lines that are due. */
export type LastingStallLog = (stalls: readonly OngoingStall[]) => string[];

/** Creates the log; `text` for a terminal, `json` for collectors. */
export function createLastingStallLog(format: 'text' | 'json' | 'off'): LastingStallLog {
  const due = createStages(({ blockedMs, isStarting }) =>
    isStarting || blockedMs < LASTING_FROM_MS ? 0 : 1 + Math.floor(Math.log2(blockedMs / LASTING_FROM_MS)),
  );
  return (stalls) => {
    if (format === 'off') return [];
    return due(stalls)
      .map((stall) => stall.report())
      .filter((report) => !isExpected(report))
      .map((report) => (format === 'json' ? stallJson(report, 0) : `loopsight: ${stallSentence(report)}`));
  };
}
