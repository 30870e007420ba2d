// Which ports of this machine a process listens at, from /proc.
import { readdirSync } from 'node:fs';
import { readLink, readText } from './process-facts.js';

/** A socket that listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly inode: string;
}

/** TCP_LISTEN of the kernel. */
const LISTEN = '0A';

/** All sockets that listen in the network namespace of the process. */
export function listeningAround(pid: number | 'self'): Listening[] {
  return ['tcp', 'tcp6'].flatMap((table) => readText(pid, `net/${table}`).split('\n').slice(1).flatMap(parseLine));
}

/** Those that the process itself has. */
export function listeningOf(pid: number): Listening[] {
  const around = listeningAround(pid);
  if (around.length === 0) return [];
  const inodes = socketsOf(pid);
  return around.filter(({ inode }) => inodes.has(inode));
}

/** The inodes of the sockets that the process has. */
export function socketsOf(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  let names: string[] = [];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    // It has ended, or belongs to somebody else.
  }
  for (const name of names) {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(pid, `fd/${name}`))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

function parseLine(line: string): Listening[] {
  const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
  const [address = '', port = ''] = local.split(':');
  if (state !== LISTEN) return [];
  return [{ host: hostOf(address), port: Number.parseInt(port, 16), inode }];
}

// Each group of four bytes is written as a number of this machine, which has the lowest byte first. What listens at every
// address is asked at the loopback's.
function hostOf(address: string): string {
  const bytes = (address.match(/.{8}/g) ?? []).flatMap((group) =>
    (group.match(/../g) ?? []).reverse().map((pair) => Number.parseInt(pair, 16)),
  );
  const isEvery = bytes.every((byte) => byte === 0);
  if (bytes.length === 4) return isEvery ? '127.0.0.1' : bytes.join('.');
  if (isEvery) return '::1';
  // An address of version 4 in one of version 6.
  if (bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  return groups.join(':');
}
