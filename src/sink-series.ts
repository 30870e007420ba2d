// Series that are written from the application's own calls, in every recorder of a list: bound anew when the list changes.
import type { Recorder } from './recorder/recorder.js';
import { sharedState, sinksOf } from './shared-state.js';

/** Series in all recorders of a list. */
export interface BoundToSinks<T> {
  /** The series of each recorder that is there at the moment. */
  bound(): readonly T[];
  /** Gives all series back; from then on there are none. */
  end(): void;
}

/** Binds series in every recorder of the list `kind`, now and when one comes, and releases those of one that goes. */
export function bindToSinks<T>(
  kind: string,
  bind: (recorder: Recorder) => T,
  release: (series: T) => void,
): BoundToSinks<T> {
  const sinks = sinksOf(kind);
  const byRecorder = new Map<Recorder, T>();
  let epoch = -1;
  let isOver = false;
  let all: readonly T[] = [];

  function refresh(): void {
    epoch = sinks.epoch;
    const recorders = isOver ? new Set<Recorder>() : sinks.recorders;
    for (const [recorder, series] of byRecorder) {
      if (recorders.has(recorder)) continue;
      byRecorder.delete(recorder);
      release(series);
    }
    for (const recorder of recorders) {
      if (byRecorder.has(recorder)) continue;
      try {
        byRecorder.set(recorder, bind(recorder));
      } catch {
        // A foreign Meter failed; this runs in the application's own call, which must not notice.
        sharedState().failures.count++;
      }
    }
    all = [...byRecorder.values()];
  }

  return {
    bound() {
      if (epoch !== sinks.epoch) refresh();
      return all;
    },
    end() {
      isOver = true;
      refresh();
    },
  };
}
