// Loopsight itself.
import { ATTRIBUTES as A } from './attributes.js';
import type { MetricDefinition } from './definition.js';

export const SELF_METRICS = {
  selfOverheadTime: {
    name: 'loopsight.self.overhead.time',
    unit: 's',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.selfPart],
    description: 'Time that Loopsight spent on the main thread, by part, as it timed itself.',
  },
  selfSnapshotAge: {
    name: 'loopsight.self.snapshot.age',
    unit: 's',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [],
    description: 'Age of the figures of the main thread in this exposition; grows while its loop is blocked.',
  },
  selfSeriesDropped: {
    name: 'loopsight.self.series.dropped',
    unit: '{series}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.selfMetric],
    description:
      'Series that were asked for beyond the limit of their metric and share its overflow series (`otel_metric_overflow="true"`), by the name of that metric; 0 without a name.',
  },
  selfErrorsSuppressed: {
    name: 'loopsight.self.errors.suppressed',
    unit: '{error}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [],
    description: 'Errors inside Loopsight that were kept from the application.',
  },
  selfThreadsUnwatched: {
    name: 'loopsight.self.threads.unwatched',
    unit: '{thread}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [],
    description: 'Worker threads whose lag is not recorded because 256 others ran at the time.',
  },
  selfCaptures: {
    name: 'loopsight.self.captures',
    unit: '{capture}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [],
    description: 'Stacks that were captured during stalls.',
  },
  selfObserverRestarts: {
    name: 'loopsight.self.observer.restarts',
    unit: '{restart}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [],
    description: 'Times that the observer thread ended unexpectedly and was started again.',
  },
} as const satisfies Record<string, MetricDefinition>;
