// How long calls blocked, by what was called and by whom.
import { activeSpan } from '../../src/active-span.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundHistogram, Recorder } from '../../src/recorder/recorder.js';

/** Callers that get a name of their own. */
const CALLERS = 50;
const OTHER = 'other';

/** The series of long calls. */
export interface CallFigures {
  /** Counts, in the span that it was made in, a call of `call` (such as `fs.readFileSync`) by the function `caller`; `seconds` is how long it took. */
  count(call: string, caller: string, seconds: number): void;
  /** `caller`, or `other` where that is one too many. */
  bounded(caller: string): string;
  stop(): void;
}

/** Creates the series as they are needed. */
export function createCallFigures(recorder: Recorder): CallFigures {
  const series = new Map<string, BoundHistogram>();
  const callers = new Set<string>();
  const bounded = (caller: string): string => {
    if (callers.size < CALLERS) callers.add(caller);
    return callers.has(caller) ? caller : OTHER;
  };
  return {
    bounded,
    count(call, caller, seconds) {
      const name = bounded(caller);
      const key = `${call} ${name}`;
      let histogram = series.get(key);
      if (histogram === undefined) {
        const attributes = { [ATTRIBUTES.blockingCallName]: call, [ATTRIBUTES.codeFunctionName]: name };
        histogram = recorder.histogram(METRICS.blockingCallDuration, attributes);
        series.set(key, histogram);
      }
      histogram.record(seconds, activeSpan());
    },
    stop() {
      for (const histogram of series.values()) histogram.release();
      series.clear();
    },
  };
}
