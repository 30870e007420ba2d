// Work of libuv's thread pool: from an event pair of the thread that asked and one of the pool's thread that ran it, which
// name no common id, to waiting, running and delivery of each.
import type { TraceEvent } from './trace-event.js';

/** One piece of work; what began before or ended after the trace is known in part only. */
export interface PoolWork {
  readonly kind: string;
  /** Thread of the loop that asked for it; undefined where only its run was seen. */
  readonly tid: number | undefined;
  /** From the request until a thread of the pool took it, in microseconds. */
  readonly waitUs: number | undefined;
  readonly runUs: number | undefined;
  /** From its end in the pool until the loop took the result. */
  readonly deliveryUs: number | undefined;
  /** Whether the loop took its result within the trace. */
  readonly isTaken: boolean;
}

interface Request {
  readonly tid: number;
  /** −Infinity where it was made before the trace. */
  readonly madeUs: number;
  /** Infinity where its result was not taken within the trace. */
  takenUs: number;
  cancelled: boolean;
}

interface Run {
  /** −Infinity where it began before the trace. */
  readonly fromUs: number;
  /** Infinity where it did not end within the trace. */
  readonly toUs: number;
}

/** Collects the events of `node.threadpoolwork`. */
export interface PoolWatch {
  /** Takes an event of `node.threadpoolwork.async` or `node.threadpoolwork.sync`. */
  add(event: TraceEvent, category: string): void;
  /** All work that was seen, in the order of its start within each kind. */
  result(): PoolWork[];
}

/** Collects work of the pool; the events of one thread come in their order. */
export function watchPool(): PoolWatch {
  const requests = new Map<string, Request[]>();
  const runs = new Map<string, Run[]>();
  const underWay = new Map<string, Request>();
  const running = new Map<string, number>();

  function addRequest({ ph, id = '', name, ts, tid, args }: TraceEvent): void {
    // An id is the address of a request, and used again after it.
    const key = `${name} ${id}`;
    if (ph === 'b') {
      const request = { tid, madeUs: ts, takenUs: Number.POSITIVE_INFINITY, cancelled: false };
      underWay.set(key, request);
      listOf(requests, name).push(request);
    } else if (ph === 'e') {
      const known = underWay.get(key);
      underWay.delete(key);
      const request = known ?? { tid, madeUs: Number.NEGATIVE_INFINITY, takenUs: ts, cancelled: false };
      request.takenUs = ts;
      request.cancelled = args.result !== undefined && args.result !== 0;
      if (known === undefined) listOf(requests, name).push(request);
    }
  }

  function addRun({ ph, name, ts, tid }: TraceEvent): void {
    const key = `${name} ${tid}`;
    if (ph === 'B') running.set(key, ts);
    else if (ph === 'E') {
      listOf(runs, name).push({ fromUs: running.get(key) ?? Number.NEGATIVE_INFINITY, toUs: ts });
      running.delete(key);
    }
  }

  return {
    add: (event, category) => (category === 'node.threadpoolwork.sync' ? addRun(event) : addRequest(event)),
    result() {
      const unended = [...running].map(([key, fromUs]) => {
        return [key.slice(0, key.lastIndexOf(' ')), { fromUs, toUs: Number.POSITIVE_INFINITY }] as const;
      });
      return [...new Set([...requests.keys(), ...runs.keys(), ...unended.map(([kind]) => kind)])].flatMap((kind) => {
        const ofKind = [...(runs.get(kind) ?? []), ...unended.filter(([name]) => name === kind).map(([, run]) => run)];
        return match(kind, requests.get(kind) ?? [], ofKind);
      });
    },
  };
}

// The pool's queue is first in, first out: the next run is that of the oldest request whose result was taken after it.
function match(kind: string, requests: readonly Request[], runs: readonly Run[]): PoolWork[] {
  const waiting = requests
    .filter(({ cancelled }) => !cancelled)
    .sort((a, b) => (a.madeUs === b.madeUs ? a.takenUs - b.takenUs : a.madeUs - b.madeUs));
  const inOrder = [...runs].sort((a, b) => (a.fromUs === b.fromUs ? a.toUs - b.toUs : a.fromUs - b.fromUs));
  const work: PoolWork[] = [];
  const queue = createQueue();
  let next = 0;
  for (const run of inOrder) {
    for (let made = waiting[next]; made !== undefined && made.madeUs <= run.fromUs; made = waiting[++next]) {
      queue.add(made);
    }
    // What was taken before this run began is never matched by a later one; there is such work at the start of a trace.
    const request = queue.take(
      ({ takenUs }) => takenUs >= run.toUs,
      ({ takenUs }) => takenUs < run.fromUs,
      (unmatched) => work.push(workOf(kind, unmatched, undefined)),
    );
    work.push(workOf(kind, request, run));
  }
  for (const request of [...queue.rest(), ...waiting.slice(next)]) work.push(workOf(kind, request, undefined));
  return work;
}

// Requests wait in their order, and most are taken from the front: there can be a hundred thousand.
function createQueue() {
  const requests: (Request | undefined)[] = [];
  let front = 0;
  return {
    add: (request: Request) => requests.push(request),
    /** Takes the first that fits out of it, and drops those before it that are over. */
    take(fits: (request: Request) => boolean, isOver: (request: Request) => boolean, drop: (over: Request) => void) {
      for (let at = front; at < requests.length; at++) {
        const request = requests[at];
        const found = request !== undefined && fits(request) ? request : undefined;
        if (found === undefined && request !== undefined && isOver(request)) drop(request);
        else if (found === undefined && request !== undefined) continue;
        requests[at] = undefined;
        if (at === front) front++;
        if (found !== undefined) return found;
      }
      return undefined;
    },
    rest: () => requests.slice(front).filter((request) => request !== undefined),
  };
}

function workOf(kind: string, request: Request | undefined, run: Run | undefined): PoolWork {
  return {
    kind,
    tid: request?.tid,
    waitUs: between(request?.madeUs, run?.fromUs),
    runUs: between(run?.fromUs, run?.toUs),
    deliveryUs: between(run?.toUs, request?.takenUs),
    isTaken: request !== undefined && Number.isFinite(request.takenUs),
  };
}

function between(fromUs: number | undefined, toUs: number | undefined): number | undefined {
  if (fromUs === undefined || toUs === undefined || !Number.isFinite(fromUs) || !Number.isFinite(toUs))
    return undefined;
  return toUs - fromUs;
}

function listOf<T>(map: Map<string, T[]>, key: string): T[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}
