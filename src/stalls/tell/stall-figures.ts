// The metrics of stalls: every stall is counted, whatever the log leaves out.
import { ATTRIBUTES, METRICS } from '../../metric-names.js';
import type { ExemplarSpan } from '../../recorder/exemplars.js';
import type { BoundHistogram, BoundSum, Recorder, SeriesAttributes } from '../../recorder/recorder.js';
import type { StallReport } from '../blame/stall-report.js';
import type { SpinReport } from '../watch/spin-report.js';
import { createCulpritLimit } from './culprit-limit.js';

/** Counts stalls. */
export interface StallFigures {
  count(report: StallReport): void;
  /** Counts a stretch in which the main loop span. */
  countSpin(report: SpinReport): void;
}

interface CulpritSeries {
  readonly time: BoundSum;
  readonly stalls: BoundSum;
}

/** Creates the counters of stalls on `recorder`. */
export function createStallFigures(recorder: Recorder): StallFigures {
  const durations = new Map<string, BoundHistogram>();
  const series = new Map<string, CulpritSeries>();
  const nameOf = createCulpritLimit();
  const spins = new Map<string, BoundSum>();

  function seriesOf({ thread, cause, culprit }: StallReport): CulpritSeries {
    const { name, file } = nameOf(culprit);
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
      const span = stalledSpan(report);
      duration.record(durationMs / 1000, span);
      const { time, stalls } = seriesOf(report);
      time.add(durationMs / 1000, span);
      stalls.add(1, span);
    },
    countSpin({ durationMs, culprit }) {
      const { name, file } = nameOf(culprit);
      const key = `${name}\n${file}`;
      let time = spins.get(key);
      if (time === undefined) {
        const attributes = {
          [ATTRIBUTES.threadName]: 'main',
          [ATTRIBUTES.codeFunctionName]: name,
          [ATTRIBUTES.codeFilePath]: file,
        };
        time = recorder.sum(METRICS.spinTime, attributes);
        spins.set(key, time);
      }
      time.add(durationMs / 1000);
    },
  };
}

/** The span that a stall blocked, as an exemplar; undefined where it is not known or not sampled. */
export function stalledSpan({ span }: StallReport): ExemplarSpan | undefined {
  return span?.sampled === true ? { traceId: span.traceId, spanId: span.spanId, traceFlags: 1 } : undefined;
}
