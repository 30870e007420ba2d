// The metrics of stalls: every stall is counted, whatever the log leaves out.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { Recorder, SeriesAttributes } from '../recorder/recorder.js';
import type { StallReport } from './stall-report.js';

/** Functions that have series of their own. */
const CULPRIT_LIMIT = 100;
const OTHER = 'other';

/** Counts stalls. */
export interface StallFigures {
  count(report: StallReport): void;
}

interface CulpritSeries {
  readonly time: { add(value: number): void };
  readonly stalls: { add(value: number): void };
}

/** Creates the counters of stalls on `recorder`. */
export function createStallFigures(recorder: Recorder): StallFigures {
  const durations = new Map<string, { record(value: number): void }>();
  const series = new Map<string, CulpritSeries>();
  const culprits = new Set<string>();

  function seriesOf({ thread, cause, culprit }: StallReport): CulpritSeries {
    let { function: name, file } = culprit ?? { function: '', file: '' };
    const pair = `${name}\n${file}`;
    if (!culprits.has(pair)) {
      if (culprits.size < CULPRIT_LIMIT) culprits.add(pair);
      else [name, file] = [OTHER, OTHER];
    }
    const key = `${thread}\n${cause}\n${name}\n${file}`;
    let known = series.get(key);
    if (known === undefined) {
      const attributes: SeriesAttributes = {
        [ATTRIBUTES.threadName]: thread,
        [ATTRIBUTES.stallCause]: cause,
        [ATTRIBUTES.codeFunctionName]: name,
        [ATTRIBUTES.codeFilePath]: file,
      };
      known = { time: recorder.sum(METRICS.stallTime, attributes), stalls: recorder.sum(METRICS.stalls, attributes) };
      series.set(key, known);
    }
    return known;
  }

  return {
    count(report) {
      const { thread, cause, durationMs } = report;
      const key = `${thread}\n${cause}`;
      let duration = durations.get(key);
      if (duration === undefined) {
        const attributes = { [ATTRIBUTES.threadName]: thread, [ATTRIBUTES.stallCause]: cause };
        duration = recorder.histogram(METRICS.stallDuration, attributes);
        durations.set(key, duration);
      }
      duration.record(durationMs / 1000);
      const { time, stalls } = seriesOf(report);
      time.add(durationMs / 1000);
      stalls.add(1);
    },
  };
}
