// The series that a pool writes itself, as the conventions for databases define them: one set for every recorder.
import { METRICS } from '../../../src/metric-names.js';
import type { ExemplarSpan } from '../../../src/recorder/exemplars.js';
import type { BoundHistogram, BoundSum, Recorder, SeriesAttributes } from '../../../src/recorder/recorder.js';
import { sharedState, sinksOf } from '../../../src/shared-state.js';

/** The list of recorders that pools write to. */
export const POOL_SINKS = 'connections';

/** What a kind of pool never tells, and which is then no series. */
export type UntoldFigure = 'timeouts' | 'create';

interface BoundPool {
  readonly timeouts: BoundSum | undefined;
  readonly create: BoundHistogram | undefined;
  readonly wait: BoundHistogram;
  readonly use: BoundHistogram;
}

/** Counts and times what happens to the connections of all pools with the same attributes. */
export class PoolSeries {
  readonly attributes: SeriesAttributes;
  readonly #untold: readonly UntoldFigure[];
  readonly #sinks = sinksOf(POOL_SINKS);
  #epoch = -1;
  #byRecorder = new Map<Recorder, BoundPool>();
  #bound: readonly BoundPool[] = [];
  #ended = false;

  constructor(attributes: SeriesAttributes, untold: readonly UntoldFigure[]) {
    this.attributes = attributes;
    this.#untold = untold;
    this.refresh();
  }

  /** Records how long a connection took to create, in milliseconds. */
  created(durationMs: number): void {
    if (this.#epoch !== this.#sinks.epoch) this.refresh();
    for (const { create } of this.#bound) create?.record(durationMs / 1000);
  }

  /** Records how long a request waited for its connection, in milliseconds. */
  waited(durationMs: number, span: ExemplarSpan | undefined): void {
    if (this.#epoch !== this.#sinks.epoch) this.refresh();
    for (const { wait } of this.#bound) wait.record(durationMs / 1000, span);
  }

  /** Records how long a connection was borrowed, in milliseconds. */
  used(durationMs: number, span: ExemplarSpan | undefined): void {
    if (this.#epoch !== this.#sinks.epoch) this.refresh();
    for (const { use } of this.#bound) use.record(durationMs / 1000, span);
  }

  timedOut(): void {
    if (this.#epoch !== this.#sinks.epoch) this.refresh();
    for (const { timeouts } of this.#bound) timeouts?.add(1);
  }

  /** Binds series in recorders that came, and gives back those in recorders that went. */
  refresh(): void {
    this.#epoch = this.#sinks.epoch;
    const recorders = this.#ended ? new Set<Recorder>() : this.#sinks.recorders;
    for (const [recorder, pool] of this.#byRecorder) {
      if (recorders.has(recorder)) continue;
      this.#byRecorder.delete(recorder);
      for (const series of Object.values(pool)) series?.release();
    }
    for (const recorder of recorders) {
      if (this.#byRecorder.has(recorder)) continue;
      try {
        this.#byRecorder.set(recorder, this.#bind(recorder));
      } catch {
        // A foreign Meter failed; this runs in the application's own call, which must not notice.
        sharedState().failures.count++;
      }
    }
    this.#bound = [...this.#byRecorder.values()];
  }

  /** Gives all series back; what is recorded later goes nowhere. */
  end(): void {
    this.#ended = true;
    this.refresh();
  }

  #bind(recorder: Recorder): BoundPool {
    const { attributes } = this;
    const tells = (figure: UntoldFigure) => !this.#untold.includes(figure);
    return {
      timeouts: tells('timeouts') ? recorder.sum(METRICS.dbClientConnectionTimeouts, attributes) : undefined,
      create: tells('create') ? recorder.histogram(METRICS.dbClientConnectionCreateTime, attributes) : undefined,
      wait: recorder.histogram(METRICS.dbClientConnectionWaitTime, attributes),
      use: recorder.histogram(METRICS.dbClientConnectionUseTime, attributes),
    };
  }
}
