// From what was seen to what is said: one report of one stall.
import { type BlameOptions, blameOf, sightingsOf } from './blame.js';
import { causeOf } from './classify.js';
import type { StallEvidence } from './evidence.js';
import type { StallCause, StallReport } from './stall-report.js';

/** Causes that some code is to blame for. */
export const BLAMING: ReadonlySet<StallCause> = new Set(['javascript', 'native', 'sync_io', 'wait', 'spin']);
/** Stalls in the first moments of a process are taken as its start where nobody can look at what they ran. */
const UNSEEN_START_MS = 2000;

export interface DescribeOptions extends BlameOptions {
  readonly thread: string;
  /** The wall clock's time at the monotonic 0. */
  readonly unixOriginMs: number;
  readonly waiting?: { readonly requests: number; readonly waitedMs: number };
  readonly ongoing?: boolean;
}

/** Describes one stall. */
export function describeStall(evidence: StallEvidence, options: DescribeOptions): StallReport {
  const { thread, unixOriginMs, waiting, ongoing } = options;
  const sightings = sightingsOf(evidence, options);
  const cause = causeOf(
    evidence,
    sightings.map(({ culprit }) => `${culprit.function} ${culprit.file}`),
  );
  const blame = BLAMING.has(cause) ? blameOf(evidence, sightings, options) : undefined;
  const shown = blame?.shown.capture;
  return {
    thread,
    startUnixMs: unixOriginMs + evidence.fromMs,
    durationMs: evidence.toMs - evidence.fromMs,
    cause: cause === 'javascript' && blame === undefined ? 'unknown' : cause,
    confidence: blame?.confidence ?? 'unknown',
    ...(blame === undefined ? {} : { culprit: blame.culprit }),
    ...(blame?.leaf === undefined ? {} : { leaf: blame.leaf }),
    stack: blame?.stack ?? [],
    callbacks: new Set(evidence.captures.map(({ capture }) => capture.asyncId)).size,
    ...(shown?.span === undefined ? {} : { span: shown.span }),
    ...(shown?.route === undefined ? {} : { route: shown.route }),
    ...(waiting === undefined || waiting.requests === 0 ? {} : { waiting }),
    ...(ongoing === true ? { ongoing } : {}),
  };
}

// Node's own functions below which the entry module is evaluated, also where it was awaited; `import()` at run time is not.
const START_FUNCTIONS = /^node:internal\/(?:main\/|modules\/run_main|process\/pre_execution)/;

/** Whether the stall was the program's start: most of what was seen of it ran below the loading of the entry module. */
export function isStart({ captures }: StallEvidence): boolean {
  const seen = captures.filter(({ capture }) => capture.frames.length > 0);
  // What the entry module has begun may go on before the loop turns for the first time.
  const starting = seen.filter(({ capture }) => capture.frames.some(([, file]) => START_FUNCTIONS.test(file)));
  return starting.length * 2 > seen.length;
}

/** Whether a stall that nobody saw counts as the start of the program, which began at `startedMs`. */
export function isUnseenStart({ captures, fromMs }: StallEvidence, startedMs: number): boolean {
  return captures.length === 0 && fromMs < startedMs + UNSEEN_START_MS;
}
