// The streams that are monitored, in the state that all copies of the package share, and the time that ended ones were paused.
import { type StreamSide, type StreamSource, type StreamTotals, sharedState } from '../../src/shared-state.js';

/** Names that have series of their own; the streams of further ones add up under `other`. */
export const NAMED_STREAMS = 100;

export const STREAM_SIDES: readonly StreamSide[] = ['readable', 'writable'];

const collected = new FinalizationRegistry<StreamSource>((source) => endStream(source));

/** The name that streams called `name` have in the metrics. */
export function streamName(name: string): string {
  const { named } = streams();
  if (named.has(name) || named.size < NAMED_STREAMS) return name;
  return 'other';
}

/** Shows `source` until `endStream` or `forgetStream`, or until `target` is garbage-collected; `source` must not refer to `target`. */
export function addStream(source: StreamSource, target: object): void {
  const { named, living } = streams();
  if (!named.has(source.name)) named.set(source.name, new Map());
  living.add(source);
  collected.register(target, source, source);
}

/** The stream has ended: its time stays in the total of its name. */
export function endStream(source: StreamSource): void {
  const { named, living } = streams();
  if (!living.delete(source)) return;
  collected.unregister(source);
  const ended = named.get(source.name);
  for (const side of source.sides) ended?.set(side, (ended.get(side) ?? 0) + source.pausedMs(side));
}

/** Nobody wants to see the stream any more; with the last of its name the name goes too. */
export function forgetStream(source: StreamSource): void {
  endStream(source);
  const { named, living } = streams();
  for (const other of living) if (other.name === source.name) return;
  named.delete(source.name);
}

/** The streams of this process. */
export function streams(): StreamTotals {
  const state = sharedState();
  state.streams ??= { named: new Map(), living: new Set() };
  return state.streams;
}
