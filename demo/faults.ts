// The faults that can be switched on; each is implemented where it would be found in a real service.

/** Every fault, with what it does. */
export const FAULTS = {
  'sync-call': 'one restart in fifteen derives a key with a synchronous call, inside an async handler',
  'cpu-report': 'reports are rendered on the event loop instead of in the worker pool',
  'unbounded-queue': 'restart events are published faster than they are handled, into a queue without a limit',
  'small-pool': 'the worker pool that renders reports has a single worker',
  'busy-yield':
    'the loop that announces restarts never sleeps: while nothing is to be announced it yields, over and over',
  'blocking-log':
    'every request writes a big line to the log with a synchronous call, and the reader of the log is slow',
  'held-lock': 'one lock for all hosts is held during a restart and the slow save after it',
  'lost-update': 'a total is read, added to and written by two flows, which overwrite what the other one has added',
} as const;

export type FaultName = keyof typeof FAULTS;

/** The faults that are on. */
export type Faults = ReadonlySet<FaultName>;

/** Whether `name` is that of a fault. */
export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}
