// The group of this process, from its options and what started it; asked for on the main thread, at start.
import { currentUser, mayUseFolder, socketFolders } from '../dump/socket-place.js';
import { findGroup } from './identity.js';
import type { GroupSettings } from './join.js';

export interface OwnGroupOptions {
  readonly group: string | undefined;
  readonly host: string;
  readonly port: number;
}

/** What the observer needs to take part; undefined where groups are off, or there is no place to meet. */
export function ownGroup({ group, host, port }: OwnGroupOptions): GroupSettings | undefined {
  const uid = currentUser();
  const folders = socketFolders().filter(mayUseFolder);
  if (uid === undefined || folders.length === 0) return undefined;
  const { env: environment, pid, ppid: parentPid } = process;
  const membership = findGroup({ group, environment, pid, parentPid, isClusterWorker });
  return membership === undefined ? undefined : { membership, host, port, folders, uid };
}

// The module is loaded in every worker of a cluster already, and they all have a channel to their primary.
function isClusterWorker(): boolean {
  if (process.channel === undefined) return false;
  // Its types are those of the ES module.
  const cluster = process.getBuiltinModule?.('node:cluster') as { readonly isWorker?: boolean } | undefined;
  return cluster?.isWorker ?? false;
}
