// What counts how much a service has to do.
import { ATTRIBUTES, METRICS } from '../../metric-names.js';
import { prometheusLabel } from '../../prometheus/naming.js';
import type { Discovery } from './discover.js';
import { equals, selector } from './promql.js';

/** What counts as load: HTTP requests, else calls of traced functions, else tasks of queues. */
export type Load = 'requests' | 'calls' | 'tasks' | 'nothing';

/** Whose load is counted. */
type LoadPlace = Pick<Discovery, 'set' | 'matchers'>;

const LOADS: Readonly<Record<Load, (place: LoadPlace) => string | undefined>> = {
  requests: ({ set, matchers }) => selector(set.nameOf(METRICS.httpServerRequestDuration, '_count'), matchers),
  calls: ({ set, matchers }) => selector(set.nameOf(METRICS.functionDuration, '_count'), matchers),
  tasks: ({ set, matchers }) =>
    selector(set.nameOf(METRICS.queueTasks), [
      ...matchers,
      equals(prometheusLabel(ATTRIBUTES.queueTaskState), 'completed'),
    ]),
  nothing: () => undefined,
};

/** The counters of a load; undefined where nothing counts it. */
export function loadSelector(load: Load, { set, matchers }: LoadPlace): string | undefined {
  return LOADS[load]({ set, matchers });
}
