// How many calls of one name there were, how long they took, and when the next of them is to be sampled.
//
// One moment in each millisecond of the calls' time, chosen at random, is a sample: who makes the call in which it falls gets
// the whole millisecond. The expected time of each caller is then its true one, however short its calls are, and the stack
// is read no more than once a millisecond.

/** The calls of one name. */
export interface CallTally {
  /** Such as `fs.readFileSync`. */
  readonly label: string;
  calls: number;
  totalMs: number;
  /** Time in calls until the next sample, in milliseconds; infinite where none are taken. */
  leftMs: number;
  /** Time from the next sample to the end of its stretch. */
  restMs: number;
}

/** A sample stands for so much time, in milliseconds. */
export const SAMPLE_MS = 1;
/** Of a call that is as long as this many samples, most are counted without being chosen. */
const CHOSEN = 100;

/** A tally that takes no samples yet. */
export function createTally(label: string): CallTally {
  return { label, calls: 0, totalMs: 0, leftMs: Number.POSITIVE_INFINITY, restMs: 0 };
}

/** Begins to count, and to sample. */
export function startTally(tally: CallTally, random: () => number): void {
  tally.calls = 0;
  tally.totalMs = 0;
  tally.leftMs = random() * SAMPLE_MS;
  tally.restMs = SAMPLE_MS - tally.leftMs;
}

/** How many samples fall into a call that took `ms`; moves on to the next one. */
export function samplesIn(tally: CallTally, ms: number, random: () => number): number {
  const skipped = ms > CHOSEN * SAMPLE_MS ? Math.floor(ms / SAMPLE_MS) - 1 : 0;
  let samples = skipped;
  let leftMs = tally.leftMs - (ms - skipped * SAMPLE_MS);
  while (leftMs <= 0) {
    samples++;
    const intoNextMs = random() * SAMPLE_MS;
    leftMs += tally.restMs + intoNextMs;
    tally.restMs = SAMPLE_MS - intoNextMs;
  }
  tally.leftMs = leftMs;
  return samples;
}
