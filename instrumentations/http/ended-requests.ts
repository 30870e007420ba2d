// The last requests that ended, so that those which a stall kept waiting are known when the stall is.

/** Requests that are remembered; a stall is told of a few iterations after it. */
const KEPT = 1024;

/** A short memory of requests that ended. */
export interface EndedRequests {
  add(beganMs: number, endedMs: number): void;
  forEach(visit: (beganMs: number, endedMs: number) => void): void;
}

/** Creates an empty memory. */
export function createEndedRequests(): EndedRequests {
  const times = new Float64Array(KEPT * 2);
  let next = 0;
  return {
    add(beganMs, endedMs) {
      times[next] = beganMs;
      times[next + 1] = endedMs;
      next = (next + 2) % times.length;
    },
    forEach(visit) {
      for (let index = 0; index < times.length; index += 2) {
        const endedMs = times[index + 1] ?? 0;
        if (endedMs > 0) visit(times[index] ?? 0, endedMs);
      }
    },
  };
}
