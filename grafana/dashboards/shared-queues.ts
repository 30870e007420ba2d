// Queues of a process, and those that many processes have in common: of the latter every process tells the same depth.
import { METRICS } from '../../src/metric-names.js';
import { BY_INSTANCE, BY_QUEUE, LABELS } from './labels.js';
import { aggregate } from './queries.js';

/** The type of queues that are in Redis: who adds, who runs and who tells the depth may be other processes. */
const SHARED = 'bullmq';

/** Which queues a query is of, and which figures of theirs belong together. */
export interface QueueKind {
  readonly matcher: string;
  readonly by: readonly string[];
}

const OWN: QueueKind = {
  matcher: `${LABELS.queueType}!="${SHARED}"`,
  by: [...BY_INSTANCE, LABELS.queue, LABELS.queueType],
};
const COMMON: QueueKind = {
  matcher: `${LABELS.queueType}="${SHARED}"`,
  by: [...BY_QUEUE, LABELS.queueType],
};

/** What `expressionOf` tells of each queue, added up by name: queues in the same place and of other instances. */
export function ofAllQueues(expressionOf: (kind: QueueKind) => string): string {
  return aggregate('sum', BY_QUEUE, `${expressionOf(OWN)} or ${expressionOf(COMMON)}`);
}

/** How many tasks wait in each queue; `depthOf` is the depth of the series that a matcher selects. */
export function waitingTasks(
  depthOf: (metric: typeof METRICS.queueDepth, matchers: readonly string[]) => string,
): string {
  return ofAllQueues(({ matcher, by }) => aggregate('max', by, depthOf(METRICS.queueDepth, [matcher])));
}
