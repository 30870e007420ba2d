// loopsight.function.time and loopsight.function.measured of one function: what it came to is told at collections.
import { ATTRIBUTES, METRICS } from '../../../src/metric-names.js';
import type { BoundSum, Recorder } from '../../../src/recorder/recorder.js';
import type { FunctionTimes } from './function-times.js';

const STATES = [
  ['own', 'ownMs'],
  ['others', 'othersMs'],
  ['idle', 'idleMs'],
  ['offloaded', 'offloadedMs'],
] as const;

/** Creates what tells `recorder` of everything that `times` takes from now on. */
export function createPublishedTimes(recorder: Recorder, name: string, times: FunctionTimes): () => void {
  const told = STATES.map(([, sum]) => times[sum]);
  let toldMeasured = times.measuredCalls;
  const series: (BoundSum | undefined)[] = STATES.map(() => undefined);
  let measured: BoundSum | undefined;
  const attributes = { [ATTRIBUTES.codeFunctionName]: name };

  return () => {
    times.settle();
    STATES.forEach(([state, sum], index) => {
      const added = times[sum] - (told[index] ?? 0);
      // A function that is never suspended has one series, not four.
      if (added <= 0) return;
      told[index] = times[sum];
      series[index] ??= recorder.sum(METRICS.functionTime, { ...attributes, [ATTRIBUTES.functionTimeState]: state });
      series[index]?.add(added / 1000);
    });
    const calls = times.measuredCalls - toldMeasured;
    if (calls === 0) return;
    toldMeasured = times.measuredCalls;
    measured ??= recorder.sum(METRICS.functionMeasured, attributes);
    measured.add(calls);
  };
}
