// The queues that are monitored, in the state that all copies of the package share; a queue that is collected leaves by itself.
import { type QueueSource, sharedState } from '../../src/shared-state.js';

/** A source that can be told to end; ending twice is harmless. */
export interface EndingQueueSource extends QueueSource {
  end(): void;
}

const collected = new FinalizationRegistry<EndingQueueSource>((source) => removeQueue(source));

/** Shows `source` in the metrics until `removeQueue`, or until `target` is garbage-collected; `source` must not refer to `target`. */
export function addQueue(source: EndingQueueSource, target: object): void {
  sharedState().queues.add(source);
  collected.register(target, source, source);
}

/** Takes `source` out of the metrics. */
export function removeQueue(source: EndingQueueSource): void {
  sharedState().queues.delete(source);
  collected.unregister(source);
  source.end();
}
