// What is known of the locks of this process, in the state that all copies of the package share: an application names its
// locks with one copy, and another one exposes the metrics.
import type { AsyncLocalStorage } from 'node:async_hooks';
import { callSites } from '../../src/call-sites.js';
import { sharedState } from '../../src/shared-state.js';
import { pathOf } from '../../src/stalls/blame/code-names.js';
import type { OppositeOrders, Order } from './lock-order.js';
import type { LockUse } from './lock-use.js';
import type { NamedLocks } from './named-locks.js';
import type { Stretches } from './stretch.js';
import type { WatchedLock } from './watched-lock.js';

export interface LockState {
  /** Locks that were asked for, by what they are known by. */
  readonly watched: WeakMap<object, WatchedLock>;
  /** Those that are held or waited for. */
  readonly inUse: Set<WatchedLock>;
  readonly named: Map<string, NamedLocks>;
  /** Instances of these are followed by their methods. */
  readonly prototypes: WeakSet<object>;
  /** Where the code of each copy of the package is; each ends in a separator. */
  readonly ownFolders: Set<string>;
  /** How many locks there have been. */
  count: number;
  /** The locks whose methods were replaced, and how many monitors they have. */
  readonly monitored: WeakMap<object, { monitors: number; undo(): void }>;
  /** Told when somebody waits for a lock that is held, or gets one that others wait for. */
  readonly contended: Set<() => void>;
  readonly stretches: Stretches;
  /** The locks that the flow that runs asked for; undefined until flows are followed for the first time. */
  flows: AsyncLocalStorage<readonly LockUse[] | undefined> | undefined;
  readonly orders: Map<string, Order>;
  readonly toldOrders: Set<string>;
  /** Told of opposite orders; flows are followed while there is one. */
  readonly opposite: Set<(found: OppositeOrders) => void>;
  /** Uses by the object that async-mutex has for a request, until the lock is handed over or cancelled. */
  readonly requests: WeakMap<object, LockUse>;
  /** What the function that runs gives back. */
  releasing: LockUse | undefined;
}

let known: LockState | undefined;

/** The state, created on first use. */
export function lockState(): LockState {
  if (known === undefined) {
    known = openState();
    for (const folder of ownFolders()) known.ownFolders.add(folder);
  }
  return known;
}

// The folders that our modules lie in; none where they were bundled into a file with the application's own.
function ownFolders(): string[] {
  const own = pathOf(callSites(ownFolders, 1)[0]?.getFileName() ?? '');
  const root = own.replace(/instrumentations[\\/]locks[\\/][\w-]+\.[jt]s$/, '');
  if (root === own) return [];
  return ['instrumentations', 'src'].flatMap((folder) => [`${root}${folder}/`, `${root}${folder}\\`]);
}

function openState(): LockState {
  const shared = sharedState();
  shared.locks ??= {
    watched: new WeakMap(),
    inUse: new Set(),
    named: new Map(),
    ownFolders: new Set(),
    prototypes: new WeakSet(),
    count: 0,
    monitored: new WeakMap(),
    contended: new Set(),
    stretches: { number: 0, isEnding: false },
    flows: undefined,
    orders: new Map(),
    toldOrders: new Set(),
    opposite: new Set(),
    requests: new WeakMap(),
    releasing: undefined,
  } satisfies LockState;
  return shared.locks as LockState;
}
