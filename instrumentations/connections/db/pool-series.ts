// The series that a pool writes itself, as the conventions for databases define them: one set for every recorder.
import { METRICS } from '../../../src/metric-names.js';
import type { ExemplarSpan } from '../../../src/recorder/exemplars.js';
import type { BoundHistogram, BoundSum, Recorder, SeriesAttributes } from '../../../src/recorder/recorder.js';
import { type BoundToSinks, bindToSinks } from '../../../src/sink-series.js';

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
  readonly #series: BoundToSinks<BoundPool>;

  constructor(attributes: SeriesAttributes, untold: readonly UntoldFigure[]) {
    this.attributes = attributes;
    this.#untold = untold;
    this.#series = bindToSinks(POOL_SINKS, (recorder) => this.#bind(recorder), release);
    this.refresh();
  }

  /** Records how long a connection took to create, in milliseconds. */
  created(durationMs: number): void {
    for (const { create } of this.#series.bound()) create?.record(durationMs / 1000);
  }

  /** Records how long a request waited for its connection, in milliseconds. */
  waited(durationMs: number, span: ExemplarSpan | undefined): void {
    for (const { wait } of this.#series.bound()) wait.record(durationMs / 1000, span);
  }

  /** Records how long a connection was borrowed, in milliseconds. */
  used(durationMs: number, span: ExemplarSpan | undefined): void {
    for (const { use } of this.#series.bound()) use.record(durationMs / 1000, span);
  }

  timedOut(): void {
    for (const { timeouts } of this.#series.bound()) timeouts?.add(1);
  }

  /** Binds series in recorders that came, and gives back those in recorders that went. */
  refresh(): void {
    this.#series.bound();
  }

  /** Gives all series back; what is recorded later goes nowhere. */
  end(): void {
    this.#series.end();
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

function release(pool: BoundPool): void {
  for (const series of Object.values(pool)) series?.release();
}
