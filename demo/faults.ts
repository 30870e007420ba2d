// The faults that can be switched on; each is implemented where it would be found in a real service.

/** Every fault, with what it does. */
export const FAULTS = {
  'sync-call': 'one restart in fifteen derives a key with a synchronous call, inside an async handler',
  'cpu-report': 'reports are rendered on the event loop instead of in the worker pool',
  'unbounded-queue': 'restart events are published faster than they are handled, into a queue without a limit',
  'small-pool': 'the worker pool that renders reports has a single worker',
} as const;

export type FaultName = keyof typeof FAULTS;

/** The faults that are on. */
export type Faults = ReadonlySet<FaultName>;

/** Whether `name` is that of a fault. */
export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}
