// The requests that a thread has given to the thread pool and not got back: which of them run, and which wait.

/** Kinds of work that can be told apart. */
export const POOL_WORKS = ['fs', 'dns', 'crypto', 'zlib'] as const;

export type PoolWork = (typeof POOL_WORKS)[number];

/** The queues of the pool: libuv lets name look-ups take half of the threads, because they can be slow. */
export const POOL_LANES = ['default', 'slow_io'] as const;

export type PoolLane = (typeof POOL_LANES)[number];

/** One request that is under way. */
export interface PoolRequest {
  readonly work: PoolWork;
  readonly order: number;
}

/** How the requests stand. */
export interface PoolReading {
  readonly running: number;
  /** Requests that wait for a thread; only of kinds that there have been. */
  readonly waiting: ReadonlyMap<PoolWork, number>;
}

/** The requests of one thread, in the order in which the pool takes them. */
export interface PoolRequests {
  begin(work: PoolWork): PoolRequest;
  /** The request is over; ending it twice is harmless. */
  end(request: PoolRequest): void;
  /** How they stand in a pool of `size` threads that does nothing else. */
  read(size: number): PoolReading;
}

/** The lane that a kind of work is done in. */
export function laneOf(work: PoolWork): PoolLane {
  return work === 'dns' ? 'slow_io' : 'default';
}

/** Threads of a pool of `size` that may work for a lane at the same time, as libuv has it. */
export function laneSize(lane: PoolLane, size: number): number {
  return lane === 'slow_io' ? Math.floor((size + 1) / 2) : size;
}

/** Creates it, empty; `onBegin` is told of each request. */
export function createPoolRequests(onBegin: (work: PoolWork) => void = () => {}): PoolRequests {
  const lanes: Readonly<Record<PoolLane, Set<PoolRequest>>> = { default: new Set(), slow_io: new Set() };
  const outstanding = new Map<PoolWork, number>();
  let order = 0;

  return {
    begin(work) {
      const request = { work, order: order++ };
      lanes[laneOf(work)].add(request);
      outstanding.set(work, (outstanding.get(work) ?? 0) + 1);
      onBegin(work);
      return request;
    },
    end(request) {
      const { work } = request;
      if (lanes[laneOf(work)].delete(request)) outstanding.set(work, (outstanding.get(work) ?? 0) - 1);
    },
    read(size) {
      const waiting = new Map(outstanding);
      const running = firstOf(lanes, size);
      for (const { work } of running) waiting.set(work, (waiting.get(work) ?? 0) - 1);
      return { running: running.length, waiting };
    },
  };
}

/** Those that have a thread: the oldest ones, those of the slow lane only while fewer than their share run. */
function firstOf(lanes: Readonly<Record<PoolLane, ReadonlySet<PoolRequest>>>, size: number): PoolRequest[] {
  const first: PoolRequest[] = [];
  const others = lanes.default.values();
  const slow = lanes.slow_io.values();
  let other = next(others);
  let look = next(slow);
  let looks = 0;
  while (first.length < size) {
    if (look !== undefined && (other === undefined || look.order < other.order)) {
      first.push(look);
      look = ++looks < laneSize('slow_io', size) ? next(slow) : undefined;
    } else if (other !== undefined) {
      first.push(other);
      other = next(others);
    } else break;
  }
  return first;
}

function next(requests: Iterator<PoolRequest>): PoolRequest | undefined {
  const { done, value } = requests.next();
  return done === true ? undefined : value;
}
