// Finds the socket of a process that runs with loopsight/register, by its id or because it is the only one.

import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { isAlive } from '../dump/is-alive.js';
import { folderFlaw, socketFolders, socketPath } from '../dump/socket-place.js';
import { printable } from '../status/wording.js';
import { UnreadableSocket } from './ask-socket.js';
import { UsageError } from './command.js';

/** Reads the id of a process from the command line. Throws UsageError. */
export function readPid(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new UsageError(`Expected the id of a process, got "${printable(text)}"`);
  return Number(text);
}

/** The socket of the process `pid`. Throws UnreadableSocket. */
export function findSocket(pid: number): string {
  const uid = ownerOf(pid);
  for (const folder of socketFolders(process.env, uid)) {
    const path = socketPath(folder, pid);
    if (!existsSync(path)) continue;
    const flaw = folderFlaw(folder, uid);
    if (flaw === undefined) return path;
    throw new UnreadableSocket(`${printable(folder, 200)} ${flaw}, so what is in it cannot be trusted.`);
  }
  throw new UnreadableSocket(
    `Process ${pid} has no socket here. It must run with loopsight/register, as the same user and with the same TMPDIR and XDG_RUNTIME_DIR, and without LOOPSIGHT_SOCKET=off.`,
  );
}

/**
 * The socket of the only process of this user that answers, in the first folder that has any. Rejects with
 * UnreadableSocket where there is none, or several.
 */
export async function findOnlySocket(): Promise<string> {
  for (const folder of socketFolders()) {
    const pids: number[] = [];
    for (const pid of pidsIn(folder)) if (isAlive(pid) && (await answers(socketPath(folder, pid)))) pids.push(pid);
    const [pid] = pids;
    if (pid === undefined) continue;
    if (pids.length === 1) return findSocket(pid);
    throw new UnreadableSocket(`Several processes can be asked: ${pids.sort((a, b) => a - b).join(', ')}. Say which.`);
  }
  throw new UnreadableSocket(
    'No process has a socket here. It must run with loopsight/register, as the same user and with the same TMPDIR and XDG_RUNTIME_DIR, and without LOOPSIGHT_SOCKET=off.',
  );
}

function pidsIn(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^[1-9]\d{0,9}\.sock$/.test(name))
      .map((name) => Number.parseInt(name, 10));
  } catch {
    return [];
  }
}

// A process that was killed leaves its socket behind, and another one may have its id by now.
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

// Root may ask the processes of others; where there is no /proc, whose process it is will show.
function ownerOf(pid: number): number {
  const own = process.getuid?.() ?? 0;
  if (!isAlive(pid)) throw new UnreadableSocket(`There is no process ${pid}.`);
  try {
    return lstatSync(`/proc/${pid}`).uid;
  } catch {
    return own;
  }
}
