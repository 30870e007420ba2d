// Streams that `monitorStream` was given: read at collection, streams of one name added up.
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundObservation, Recorder } from '../../src/recorder/recorder.js';
import type { StreamSide } from '../../src/shared-state.js';
import { streams } from './stream-sources.js';

const GAUGES = [METRICS.streamBuffered, METRICS.streamHighWaterMark] as const;

interface Total {
  readonly name: string;
  readonly side: StreamSide;
  /** NaN while no stream of the name is open. */
  buffered: number;
  highWaterMark: number;
  pausedMs: number;
}

type BoundTotal = readonly [buffered: BoundObservation, highWaterMark: BoundObservation, paused: BoundObservation];

/** Records every stream that `monitorStream` was given, before or after its start. */
export function startStreams({ recorder }: MonitorContext): Monitor {
  // An instrument that is created during a collection would miss it; this creates it without a series.
  for (const metric of [...GAUGES, METRICS.streamPausedTime]) recorder.observation(metric).release();
  let bound = new Map<string, BoundTotal>();
  const undo = recorder.onCollect(() => {
    const next = new Map<string, BoundTotal>();
    for (const [key, total] of addUp()) {
      const series = bound.get(key) ?? bind(recorder, total);
      bound.delete(key);
      next.set(key, series);
      const [buffered, highWaterMark, paused] = series;
      buffered.set(total.buffered);
      highWaterMark.set(total.highWaterMark);
      paused.set(total.pausedMs / 1000);
    }
    release(bound);
    bound = next;
  });
  return {
    stop() {
      undo();
      release(bound);
      bound = new Map();
    },
  };
}

function addUp(): Map<string, Total> {
  const totals = new Map<string, Total>();
  const { named, living } = streams();
  for (const [name, ended] of named) {
    for (const [side, pausedMs] of ended) {
      totals.set(`${side} ${name}`, { name, side, buffered: Number.NaN, highWaterMark: Number.NaN, pausedMs });
    }
  }
  for (const source of living) {
    for (const side of source.sides) {
      const reading = source.read(side);
      if (reading === undefined) continue;
      const { name } = source;
      const key = `${side} ${name}`;
      const total = totals.get(key) ?? { name, side, buffered: Number.NaN, highWaterMark: Number.NaN, pausedMs: 0 };
      total.buffered = plus(total.buffered, reading.buffered);
      total.highWaterMark = plus(total.highWaterMark, reading.highWaterMark);
      total.pausedMs += source.pausedMs(side);
      totals.set(key, total);
    }
  }
  return totals;
}

const plus = (one: number, other: number): number => (Number.isNaN(one) ? other : one + other);

function bind(recorder: Recorder, { name, side }: Total): BoundTotal {
  const attributes = { [ATTRIBUTES.streamName]: name, [ATTRIBUTES.streamSide]: side };
  return [
    recorder.observation(METRICS.streamBuffered, attributes),
    recorder.observation(METRICS.streamHighWaterMark, attributes),
    recorder.observation(METRICS.streamPausedTime, attributes),
  ];
}

function release(bound: ReadonlyMap<string, BoundTotal>): void {
  for (const series of bound.values()) for (const one of series) one.release();
}
