// Calls of any length: how many there were, and how much of the time they took, by what was called and by whom.
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundObservation, BoundSum, Recorder } from '../../src/recorder/recorder.js';
import { type CallTally, createTally, SAMPLE_MS, samplesIn, startTally } from '../../src/stalls/loop/call-tally.js';

/** Writes to standard output and standard error, whoever makes them. */
export const STDIO_LABELS = { stdout: 'process.stdout.write', stderr: 'process.stderr.write' } as const;

/** The tallies of one thread. */
export interface CallTotals {
  /** The tally of the calls that are named so. */
  of(label: string): CallTally;
  /** Takes a call in which a sample is due; `caller` tells who made it. */
  sampled(tally: CallTally, ms: number, caller: () => string): void;
  /** The program has started: what was counted so far is forgotten. */
  begin(): void;
  stop(): void;
}

export interface CallTotalsOptions {
  readonly recorder: Recorder;
  /** The name that a caller gets, which may be `other`. */
  readonly boundedCaller: (caller: string) => string;
  readonly random?: () => number;
}

/** Creates tallies that count from `begin` on. */
export function createCallTotals({ recorder, boundedCaller, random = Math.random }: CallTotalsOptions): CallTotals {
  let hasBegun = false;
  const tallies = new Map<string, CallTally>();
  const counts = new Map<CallTally, BoundObservation>();
  const times = new Map<string, BoundSum>();
  const writes = Object.entries(STDIO_LABELS).map(([stream, label]) => ({ stream, tally: of(label) }));
  const written = new Map<CallTally, BoundObservation>();

  function of(label: string): CallTally {
    let tally = tallies.get(label);
    if (tally === undefined) {
      tally = createTally(label);
      if (hasBegun) startTally(tally, random);
      tallies.set(label, tally);
    }
    return tally;
  }

  const offCollect = recorder.onCollect(() => {
    if (!hasBegun) return;
    for (const tally of tallies.values()) {
      if (tally.calls === 0) continue;
      let count = counts.get(tally);
      if (count === undefined) {
        count = recorder.observation(METRICS.blockingCalls, { [ATTRIBUTES.blockingCallName]: tally.label });
        counts.set(tally, count);
      }
      count.set(tally.calls);
    }
    for (const { stream, tally } of writes) {
      if (tally.calls === 0) continue;
      let time = written.get(tally);
      if (time === undefined) {
        time = recorder.observation(METRICS.stdioWriteTime, { [ATTRIBUTES.stdioStream]: stream });
        written.set(tally, time);
      }
      time.set(tally.totalMs / 1000);
    }
  });

  return {
    of,
    sampled(tally, ms, caller) {
      const samples = samplesIn(tally, ms, random);
      if (samples === 0) return;
      const name = boundedCaller(caller());
      const key = `${tally.label} ${name}`;
      let time = times.get(key);
      if (time === undefined) {
        const attributes = { [ATTRIBUTES.blockingCallName]: tally.label, [ATTRIBUTES.codeFunctionName]: name };
        time = recorder.sum(METRICS.blockingCallTime, attributes);
        times.set(key, time);
      }
      time.add((samples * SAMPLE_MS) / 1000);
    },
    begin() {
      if (hasBegun) return;
      hasBegun = true;
      for (const tally of tallies.values()) startTally(tally, random);
    },
    stop() {
      offCollect();
      for (const series of [...counts.values(), ...written.values(), ...times.values()]) series.release();
    },
  };
}
