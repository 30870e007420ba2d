// The TCP sockets on which this process listens, and how many connections wait in each, as Linux tells it under /proc.
import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';

/** One row of a listening socket in `/proc/self/net/tcp` or `tcp6`, which have those of the whole network namespace. */
export interface ListeningRow {
  readonly port: number;
  /** Connections that the kernel has established and that nobody has accepted. */
  readonly waiting: number;
  /** What the socket is known by among the open files of a process. */
  readonly inode: string;
}

/** Tells which rows are those of this process. */
export interface OwnSockets {
  /** The rows of `rows` that are its own; `nowMs` is a monotonic time in milliseconds. */
  of(rows: readonly ListeningRow[], nowMs: number): readonly ListeningRow[];
}

const TABLES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'] as const;
const FILES = '/proc/self/fd';
const CHUNK_BYTES = 65_536;
const LISTEN = '0A';
const ROW = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ ([0-9A-F]{2}) [0-9A-F]+:([0-9A-F]+) \S+ \S+ +\d+ +\d+ (\d+)/;

// A socket can be handed over by another process after it was opened, and be closed here while others keep it.
const LOOK_AGAIN_MS = 60_000;

/** Reads the listening sockets of the namespace; an empty list where there is no such table. */
export function readListeningRows(): ListeningRow[] {
  return TABLES.flatMap((path) => {
    try {
      return readTable(path);
    } catch {
      // Another system, or one without IPv6.
      return [];
    }
  });
}

/** The rows at the head of a table, and whether others followed; the kernel lists those of listening sockets first. */
export function parseListeningRows(table: string): { readonly rows: ListeningRow[]; readonly complete: boolean } {
  const rows: ListeningRow[] = [];
  const lines = table.split('\n');
  // What follows the last line break may be half a line.
  for (const line of lines.slice(1, -1)) {
    const [, port, state, waiting, inode] = ROW.exec(line) ?? [];
    if (port === undefined || waiting === undefined || inode === undefined) continue;
    if (state !== LISTEN) return { rows, complete: true };
    rows.push({ port: Number.parseInt(port, 16), waiting: Number.parseInt(waiting, 16), inode });
  }
  return { rows, complete: false };
}

/** Creates an empty knowledge of the process's own sockets; files are looked through only when a row is new. */
export function createOwnSockets(): OwnSockets {
  let own = new Set<string>();
  let foreign = new Set<string>();
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  return {
    of(rows, nowMs) {
      const isNew = rows.some(({ inode }) => !own.has(inode) && !foreign.has(inode));
      if (isNew || (rows.length > 0 && nowMs - lookedAtMs >= LOOK_AGAIN_MS)) {
        const open = openSockets();
        const inodes = rows.map(({ inode }) => inode);
        own = new Set(inodes.filter((inode) => open.has(inode)));
        foreign = new Set(inodes.filter((inode) => !open.has(inode)));
        lookedAtMs = nowMs;
      }
      return rows.filter(({ inode }) => own.has(inode));
    },
  };
}

// A machine may have a hundred thousand connections in the table; of those nothing is read but the first chunk.
function readTable(path: string): ListeningRow[] {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let text = '';
    for (;;) {
      const length = readSync(file, chunk, 0, CHUNK_BYTES, null);
      text += chunk.toString('latin1', 0, length);
      const { rows, complete } = parseListeningRows(text);
      if (complete || length === 0) return rows;
    }
  } finally {
    closeSync(file);
  }
}

function openSockets(): Set<string> {
  const inodes = new Set<string>();
  let descriptors: readonly string[] = [];
  try {
    descriptors = readdirSync(FILES);
  } catch {
    // Not permitted: then none is known to be ours.
  }
  for (const descriptor of descriptors) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${FILES}/${descriptor}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // It was closed meanwhile.
    }
  }
  return inodes;
}
