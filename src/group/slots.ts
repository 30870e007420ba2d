// A slot is a name in the group's folder that one process at a time has, because it listens on the socket of that name.
import { chmodSync, linkSync, lstatSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

/** Members of one group: there is an end to what one endpoint can show. */
export const MAX_SLOTS = 256;

const ENDING = '.sock';

/** A slot that this process has. */
export interface Slot {
  readonly name: string;
  /** Whether the socket in the folder is still ours: the folder may be cleared, or two take what a third has left behind. */
  isOurs(): boolean;
  /** Gives the slot up and ends its connections. */
  release(): void;
}

/** The names of the slots that somebody has or had. */
export function slotNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .filter((name) => /^[a-zA-Z0-9_-]{1,20}$/.test(name))
    .sort()
    .slice(0, MAX_SLOTS);
}

/** The socket of a slot. */
export function slotPath(folder: string, name: string): string {
  return join(folder, `${name}${ENDING}`);
}

/** Takes the slot `name`; undefined while another process has it. Rejects where no socket can be made. */
export function takeSlot(
  folder: string,
  name: string,
  onConnection: (socket: Socket) => void,
): Promise<Slot | undefined> {
  return takeSocket(slotPath(folder, name), name, onConnection);
}

/** Takes the socket at `path`; undefined while another process has it. Rejects where none can be made. */
export async function takeSocket(
  path: string,
  name: string,
  onConnection: (socket: Socket) => void,
): Promise<Slot | undefined> {
  const first = await bind(path, name, onConnection);
  if (first !== undefined || !(await removeStale(path))) return first;
  return bind(path, name, onConnection);
}

/** Removes the sockets in `folder` that nobody listens on any more. */
export async function clearStale(folder: string): Promise<void> {
  for (const name of slotNames(folder)) await removeStale(slotPath(folder, name));
}

function bind(path: string, name: string, onConnection: (socket: Socket) => void): Promise<Slot | undefined> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ path, exclusive: true }, () => {
      server.removeAllListeners('error');
      // What goes wrong with one connection is not worth a word: the other end tries again.
      server.on('error', () => {});
      resolve(slotOf(server, path, name, sockets));
    });
  });
}

function slotOf(server: Server, path: string, name: string, sockets: ReadonlySet<Socket>): Slot {
  try {
    chmodSync(path, 0o600);
  } catch {
    // The folder is closed to others in any case.
  }
  const inode = inodeOf(path);
  return {
    name,
    isOurs: () => inode !== undefined && inodeOf(path) === inode,
    release() {
      const isOurs = inode !== undefined && inodeOf(path) === inode;
      for (const socket of sockets) socket.destroy();
      // Closing removes the file of this name, whosever it is.
      if (isOurs) server.close();
      else server.unref();
    },
  };
}

/**
 * Removes the socket where nobody listens on it; false where somebody does. Of two that find the same one left behind, the
 * slower must not remove the socket that the faster has made since: it moves it away, sees that it is another one, and
 * puts it back.
 */
export async function removeStale(path: string): Promise<boolean> {
  const before = inodeOf(path);
  if (before === undefined) return true;
  if (!(await isLeftBehind(path))) return false;
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    const isOther = inodeOf(aside) !== before;
    try {
      if (isOther) linkSync(aside, path);
    } finally {
      // Where a third has made the next one already, who listens here finds out that the name is no longer its own.
      unlinkSync(aside);
    }
    return !isOther;
  } catch {
    return inodeOf(path) === undefined;
  }
}

function isLeftBehind(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (isIt: boolean) => {
      socket.destroy();
      resolve(isIt);
    };
    socket.once('connect', () => settle(false));
    // ENOENT is a link to nowhere. A process that is stopped still has its socket: connecting succeeds, or there are too many that wait already.
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(['ECONNREFUSED', 'ENOTSOCK', 'ENOENT'].includes(error.code ?? '')),
    );
  });
}

function inodeOf(path: string): number | undefined {
  try {
    return lstatSync(path).ino;
  } catch {
    return undefined;
  }
}
