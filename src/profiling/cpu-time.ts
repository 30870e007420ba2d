// loopsight.cpu.time: which function of the application the main thread's CPU time is spent in, from the samples of a profile.
import type { Monitor } from '../instrumentation.js';
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { BoundSum, Recorder } from '../recorder/recorder.js';
import { type AttributionOptions, type CodeName, createAttribution } from './attribute.js';
import type { ProfileWindow } from './windows.js';

/** Functions with a series of their own. */
const FUNCTIONS = 100;
/** A function gets one when it takes this share of the CPU time of a window, and this much. */
const SHARE = 0.005;
const AT_LEAST_S = 0.01;
const OTHER: CodeName = { name: '_other', file: '' };

export interface CpuTimeOptions extends AttributionOptions {
  readonly recorder: Pick<Recorder, 'sum'>;
  /** CPU time of the main thread so far, in seconds; NaN where the system does not tell. */
  readonly threadCpuS: () => number;
}

/** What takes the windows. */
export interface CpuTime extends Monitor {
  add(window: ProfileWindow): void;
}

/** Creates the counters; there are none before the first window. */
export function createCpuTime({ recorder, threadCpuS, ...options }: CpuTimeOptions): CpuTime {
  const attributionOf = createAttribution(options);
  const series = new Map<string, BoundSum>();
  let cpuBeforeS = threadCpuS();

  function seriesOf({ name, file }: CodeName, isDear: boolean): BoundSum {
    const key = `${name}\n${file}`;
    const known = series.get(key);
    if (known !== undefined) return known;
    if (name !== OTHER.name && !(isDear && series.size < FUNCTIONS)) return seriesOf(OTHER, false);
    const made = recorder.sum(METRICS.cpuTime, {
      [ATTRIBUTES.threadName]: 'main',
      [ATTRIBUTES.codeFunctionName]: name,
      [ATTRIBUTES.codeFilePath]: file,
    });
    series.set(key, made);
    return made;
  }

  return {
    add(window) {
      const times = timesOf(window, attributionOf(window));
      const cpuNowS = threadCpuS();
      let seenS = 0;
      for (const { seconds } of times.values()) seenS += seconds;
      // A sample tells that the thread was at some code, not that it had a processor: the system tells how much that was.
      const cpuS = cpuNowS - cpuBeforeS;
      const factor = cpuS >= 0 && cpuS < seenS ? cpuS / seenS : 1;
      cpuBeforeS = cpuNowS;
      const byTime = [...times.values()].sort((one, other) => other.seconds - one.seconds);
      for (const { code, seconds } of byTime) {
        const isDear = seconds >= seenS * SHARE && seconds >= AT_LEAST_S;
        seriesOf(code, isDear).add(seconds * factor);
      }
    },
    stop() {
      for (const one of series.values()) one.release();
      series.clear();
    },
  };
}

function timesOf(
  { samples, timesMs, toMs }: ProfileWindow,
  attributed: (place: number) => CodeName | undefined,
): Map<string, { readonly code: CodeName; seconds: number }> {
  const times = new Map<string, { readonly code: CodeName; seconds: number }>();
  for (const [index, place] of samples.entries()) {
    // What was seen lasted until the next sample.
    const seconds = ((timesMs[index + 1] ?? toMs) - (timesMs[index] ?? toMs)) / 1000;
    const code = attributed(place);
    if (code === undefined || seconds <= 0) continue;
    const key = `${code.name}\n${code.file}`;
    const known = times.get(key);
    if (known === undefined) times.set(key, { code, seconds });
    else known.seconds += seconds;
  }
  return times;
}
