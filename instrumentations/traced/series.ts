// The metrics of one function name: series bound once for each recorder, and again when the recorders change.

import { functionIdOf } from '../../src/live-calls/live-calls.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundHistogram, BoundSum, Recorder } from '../../src/recorder/recorder.js';
import type { SinkList } from '../../src/shared-state.js';
import { FunctionTimes } from './time/function-times.js';
import { createPublishedTimes } from './time/published-times.js';

/** Classes of errors that one function has series for; the others share `other`. */
export const ERROR_TYPE_LIMIT = 20;

const SHARED_ERROR_TYPE = 'other';
const NAME_LIMIT = 2000;

/** What one recorder is told about one function. */
export interface BoundSeries {
  readonly recorder: Recorder;
  readonly active: BoundSum;
  readonly duration: BoundHistogram;
  readonly failures: Map<string, BoundHistogram>;
  /** Tells the recorder where the time of the calls went since the last time. */
  readonly publishTimes: () => void;
}

/** The series of all functions with one name. */
export interface FunctionSeries {
  /** The name, which is the value of `code.function.name`. */
  readonly name: string;
  /** Where the time of the calls went. */
  readonly times: FunctionTimes;
  /** The function's number among the live calls. */
  readonly liveId: number;
  /** The series in each of the recorders of now; a call keeps the array, so that it leaves where it came in. */
  boundTo(sinks: SinkList): readonly BoundSeries[];
  /** The histogram for calls that failed with `errorType`. */
  failure(bound: BoundSeries, errorType: string): BoundHistogram;
  /** `errorType`, or `other` when there are too many of them. */
  boundedErrorType(errorType: string): string;
  /** The series in `recorder`, if it is one of those of now. */
  inRecorder(recorder: Recorder): BoundSeries | undefined;
}

const byName = new Map<string, FunctionSeries>();
// Each copy of the package tells every recorder of its own functions.
const told = new WeakSet<Recorder>();

/** The series for `name`; functions of equal names, such as closures made per request, share them. */
export function seriesOf(name: string): FunctionSeries {
  let series = byName.get(name);
  if (series === undefined) {
    series = createSeries(name);
    if (byName.size < NAME_LIMIT) byName.set(name, series);
  }
  return series;
}

function tellAtCollections(recorder: Recorder): void {
  if (told.has(recorder)) return;
  told.add(recorder);
  recorder.onCollect(() => {
    for (const series of byName.values()) series.inRecorder(recorder)?.publishTimes();
  });
}

function createSeries(name: string): FunctionSeries {
  const times = new FunctionTimes();
  let liveId: number | undefined;
  const attributes = { [ATTRIBUTES.codeFunctionName]: name };
  const errorTypes = new Set<string>();
  let bound: readonly BoundSeries[] = [];
  let boundList: SinkList | undefined;
  let epoch = Number.NaN;

  function bind(recorder: Recorder): BoundSeries {
    tellAtCollections(recorder);
    return {
      recorder,
      active: recorder.sum(METRICS.functionActive, attributes),
      duration: recorder.histogram(METRICS.functionDuration, attributes),
      failures: new Map(),
      publishTimes: createPublishedTimes(recorder, name, times),
    };
  }

  return {
    name,
    times,
    get liveId() {
      liveId ??= functionIdOf(name);
      return liveId;
    },
    inRecorder: (recorder) => bound.find((one) => one.recorder === recorder),
    boundTo(sinks) {
      if (sinks.epoch !== epoch || sinks !== boundList) {
        const before = bound;
        if (!before.some(({ recorder }) => sinks.recorders.has(recorder))) times.drop();
        bound = [...sinks.recorders].map(
          (recorder) => before.find((one) => one.recorder === recorder) ?? bind(recorder),
        );
        boundList = sinks;
        epoch = sinks.epoch;
      }
      return bound;
    },
    failure({ recorder, failures }, errorType) {
      let histogram = failures.get(errorType);
      if (histogram === undefined) {
        histogram = recorder.histogram(METRICS.functionDuration, { ...attributes, [ATTRIBUTES.errorType]: errorType });
        failures.set(errorType, histogram);
      }
      return histogram;
    },
    boundedErrorType(errorType) {
      if (errorTypes.has(errorType)) return errorType;
      if (errorTypes.size >= ERROR_TYPE_LIMIT) return SHARED_ERROR_TYPE;
      errorTypes.add(errorType);
      return errorType;
    },
  };
}
