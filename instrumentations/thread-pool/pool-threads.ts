// The threads of the pool as Linux shows them: how many there are, and how many of them work, whoever gave them the work.
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = '/proc/self/task';
const NAME = 'libuv-worker';
/** The first version of libuv that names its threads. */
const NAMING_UV = { major: 1, minor: 50 } as const;

/** How the pool stands. */
export interface PoolThreadsReading {
  readonly size: number;
  readonly running: number;
}

/** Reads the pool. */
export interface PoolThreads {
  /** How many threads it has; 0 while it has not been used, and where the system does not tell. */
  size(): number;
  /** Undefined while the pool has not been used, and where the system does not tell. */
  read(): PoolThreadsReading | undefined;
}

/** Whether this Node and this system tell which threads are the pool's. */
export function tellsPoolThreads(platform: string = process.platform, uv: string = process.versions.uv): boolean {
  const [major = 0, minor = 0] = uv.split('.').map(Number);
  if (platform !== 'linux') return false;
  return major > NAMING_UV.major || (major === NAMING_UV.major && minor >= NAMING_UV.minor);
}

/** Whether they can be read here: sandboxes have no `/proc`, and the permission model may forbid it. */
export function canReadPoolThreads(): boolean {
  try {
    return tellsPoolThreads() && readdirSync(FOLDER).length > 0;
  } catch {
    return false;
  }
}

/** Creates a reader. The pool keeps its threads and its size from its first use on, so they are looked for only once. */
export function createPoolThreads(): PoolThreads {
  let threads: readonly string[] = [];

  function find(): number {
    // They start and name themselves one after the other: a pool that was seen meanwhile would stay too small.
    if (threads.length === 0) {
      const before = findThreads().length;
      const found = findThreads();
      if (found.length === before) threads = found;
    }
    return threads.length;
  }

  return {
    size: find,
    read() {
      const size = find();
      return size === 0 ? undefined : { size, running: threads.filter(works).length };
    },
  };
}

function findThreads(): string[] {
  if (!tellsPoolThreads()) return [];
  try {
    return readdirSync(FOLDER).filter((thread) => read(thread, 'comm').trimEnd() === NAME);
  } catch {
    return [];
  }
}

// A thread without work sleeps in a futex; one that sleeps anywhere else waits for a disk, a pipe or a name server.
function works(thread: string): boolean {
  const state = /^\d+ \(.*\) ([A-Za-z])/s.exec(read(thread, 'stat'))?.[1];
  if (state === 'R' || state === 'D') return true;
  if (state !== 'S') return false;
  const place = read(thread, 'wchan');
  return place !== '' && place !== '0' && !place.includes('futex');
}

function read(thread: string, file: string): string {
  try {
    return readFileSync(`${FOLDER}/${thread}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
