// Where the members of a group meet: a folder in the user's own, with a socket for each slot.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { claimFolder, folderFlaw } from '../dump/socket-place.js';
import type { GroupIdentity } from './identity.js';
import { clearStale } from './slots.js';

const PREFIX = 'group-';
/** Longest name of a slot's file: `worker-256.sock`, or 16 characters of PM2's and a number. */
const PATH_BYTES = 103 - 26;
/** Others take an empty folder for left over: until there is a socket in it, it may be gone at any moment. */
export const SWEPT_ATTEMPTS = 10;
/** Folders of other groups that one start looks at. */
const SWEEP_LIMIT = 64;

/** What distinguishes groups that are otherwise the same: where they are served. */
export interface ServedAt {
  readonly host: string;
  readonly port: number;
}

/** The name of the group's folder. Members that are told to serve elsewhere make a group of their own. */
export function folderName(identity: GroupIdentity, { host, port }: ServedAt): string {
  const more = identity.kind === 'cluster' ? startTimeOf(identity.primaryPid) : '';
  const text = JSON.stringify([Object.entries(identity).sort(), more, host, port]);
  return `${PREFIX}${hash(text)}`;
}

/** Makes sure of the group's folder in one of `folders`, and returns it. Throws the reason why there can be none. */
export function claimGroupFolder(folders: readonly string[], uid: number, name: string): string {
  let reason: unknown;
  for (const parent of folders) {
    try {
      claimFolder(parent, uid);
      const folder = join(parent, name);
      if (Buffer.byteLength(folder) > PATH_BYTES) throw new Error(`the path of ${folder} is too long`);
      makeFolder(folder, uid);
      return folder;
    } catch (error) {
      reason ??= error;
    }
  }
  throw reason ?? new Error('there is no folder for its sockets');
}

/** The group's folder, where a member has made it already. */
export function findGroupFolder(folders: readonly string[], uid: number, name: string): string | undefined {
  return folders.find((parent) => {
    // Asked each second, and there is none as a rule: without an error that takes 2 µs rather than 12.
    if (!existsSync(join(parent, name))) return false;
    try {
      return folderFlaw(parent, uid) === undefined && folderFlaw(join(parent, name), uid) === undefined;
    } catch {
      return false;
    }
  });
}

/** Makes sure of the folder. Throws the reason why it is not to be used. */
export function makeFolder(folder: string, uid: number): void {
  for (let attempt = 1; ; attempt++) {
    try {
      makeOnce(folder);
      const flaw = folderFlaw(folder, uid);
      if (flaw === undefined) return;
      throw new Error(`${folder} ${flaw}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === SWEPT_ATTEMPTS) throw error;
    }
  }
}

function makeOnce(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
    // The mask of the process may have taken more.
    chmodSync(folder, 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Removes the sockets and folders of groups that are gone, in the folder that `own` is in. */
export async function sweep(parent: string, own: string): Promise<void> {
  const names = readdirSync(parent).filter((name) => name.startsWith(PREFIX) && name !== own);
  for (const name of names.slice(0, SWEEP_LIMIT)) {
    await clearStale(join(parent, name));
    removeFolder(join(parent, name));
  }
}

/** Removes a folder that nothing is in any more. */
export function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another member is there, or has removed it.
  }
}

// Only equal identities have to meet, and loading the crypto module would cost every start more than all of this.
function hash(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 2654435761);
    b = Math.imul(b ^ text.charCodeAt(i), 1597334677);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

// Process ids are used again; where nobody tells when a process began, the id has to do.
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
