// Which group a process belongs to: found out once, at its start, on its main thread.
import { isPm2, pm2Instance } from './pm2.js';

/** What makes processes a group. */
export type GroupIdentity =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'pm2'; readonly home: string; readonly namespace: string; readonly name: string }
  /** The workers of one `cluster` primary, and itself; a primary is one only once there are workers. */
  | { readonly kind: 'cluster'; readonly primaryPid: number };

/** How the slot of a member is called. */
export type SlotWish =
  /** By this name; where another process still has it, by the first free one of `name-2`, `name-3`, … after a while. */
  | { readonly kind: 'fixed'; readonly name: string }
  /** By the first free one of 1, 2, 3, … after the prefix. */
  | { readonly kind: 'numbered'; readonly prefix: string };

/** A process in its group. */
export interface Membership {
  readonly identity: GroupIdentity;
  readonly slot: SlotWish;
  /** Whether there is no group yet, but may be one: the process can become a primary. */
  readonly isPending: boolean;
}

/** A process as it tells about itself. */
export interface GroupSource {
  /** The option `group`: a name, `off`, or undefined to find it out. */
  readonly group: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly parentPid: number;
  /** Whether it is a worker of `node:cluster`. */
  readonly isClusterWorker: () => boolean;
}

/** Finds the group of a process; undefined where groups are off. */
export function findGroup(source: GroupSource): Membership | undefined {
  const { group, environment, pid, parentPid, isClusterWorker } = source;
  if (group === 'off') return undefined;
  if (group !== undefined) {
    return { identity: { kind: 'named', name: group }, slot: { kind: 'numbered', prefix: '' }, isPending: false };
  }
  // Before clusters: all instances that PM2 runs in its cluster mode have one primary, whatever application they are of.
  const instance = pm2Instance(environment);
  if (instance !== undefined && isPm2(instance.home, parentPid)) {
    const { home, namespace, name } = instance;
    const slot = { kind: 'fixed', name: slotName(instance.instance) } as const;
    return { identity: { kind: 'pm2', home, namespace, name }, slot, isPending: false };
  }
  if (isClusterWorker()) {
    const slot = { kind: 'numbered', prefix: 'worker-' } as const;
    return { identity: { kind: 'cluster', primaryPid: parentPid }, slot, isPending: false };
  }
  return {
    identity: { kind: 'cluster', primaryPid: pid },
    slot: { kind: 'fixed', name: 'primary' },
    isPending: true,
  };
}

// It becomes the name of a file, and the variable that it is taken from may be anything.
function slotName(instance: string): string {
  return /^[a-zA-Z0-9_-]{1,16}$/.test(instance) ? instance : '0';
}
