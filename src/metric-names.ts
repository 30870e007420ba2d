// Every metric and attribute of Loopsight, defined once; dashboards, alerts, docs and tests take them from here.
import { BLOCKING_CALL_METRICS } from './metric-names/blocking-call.js';
import { CHILD_PROCESS_METRICS } from './metric-names/child-process.js';
import { CONNECTION_POOL_METRICS } from './metric-names/connection-pool.js';
import { EVENT_LOOP_METRICS } from './metric-names/event-loop.js';
import { FUNCTION_METRICS } from './metric-names/function.js';
import { GROUP_METRICS } from './metric-names/group.js';
import { HTTP_METRICS } from './metric-names/http.js';
import { LOCK_METRICS } from './metric-names/lock.js';
import { PROCESS_METRICS } from './metric-names/process.js';
import { QUEUE_METRICS } from './metric-names/queue.js';
import { SELF_METRICS } from './metric-names/self.js';
import { SOCKET_METRICS } from './metric-names/socket.js';
import { THREAD_METRICS } from './metric-names/thread.js';
import { THREAD_POOL_METRICS } from './metric-names/thread-pool.js';
import { WORKER_METRICS } from './metric-names/worker.js';

export { ATTRIBUTES } from './metric-names/attributes.js';
export {
  LATENCY_BOUNDS_S,
  type MetricDefinition,
  type MetricKind,
  SERIES_LIMIT_PER_METRIC,
} from './metric-names/definition.js';

/** Every metric, by a short key; the names are a contract. */
export const METRICS = {
  ...EVENT_LOOP_METRICS,
  ...THREAD_METRICS,
  ...PROCESS_METRICS,
  ...HTTP_METRICS,
  ...SOCKET_METRICS,
  ...WORKER_METRICS,
  ...QUEUE_METRICS,
  ...CONNECTION_POOL_METRICS,
  ...THREAD_POOL_METRICS,
  ...CHILD_PROCESS_METRICS,
  ...FUNCTION_METRICS,
  ...LOCK_METRICS,
  ...BLOCKING_CALL_METRICS,
  ...GROUP_METRICS,
  ...SELF_METRICS,
} as const;
