// How many requests a stall kept waiting, and for how long together: from when they began and ended.

/** What is known of the requests of this thread, by whoever watches them. */
export interface RequestSource {
  /** Method and route template of the request for which the current callback runs, such as `POST /invoices`, if it is known. */
  currentRoute(asyncId: number): string | undefined;
  /** Visits the requests in flight (they end at Infinity) and those that ended lately, in milliseconds of the monotonic clock. */
  forEach(visit: (beganMs: number, endedMs: number) => void): void;
}

/** A stall, and until when the work was begun that had piled up in it; milliseconds of the monotonic clock. */
export interface Held {
  readonly fromMs: number;
  readonly toMs: number;
  readonly backlogEndMs: number;
}

export interface WaitingRequests {
  readonly requests: number;
  /** Their waits together, in milliseconds. */
  readonly waitedMs: number;
  /** Whether requests that began within the stall took most of it; they are not among those that waited for themselves. */
  readonly heldByNew: boolean;
  /** The longest stretch of the stall in which no request began, in milliseconds: no callback can have been longer. */
  readonly longestMs: number;
}

/** Who had to wait for less was not kept waiting by a stall. */
const WAITED_FROM_MS = 10;

/**
 * Adds up the waits. A request that was in flight waited as long as the stall lasted. One that began after it had arrived
 * while it lasted, as the random arrivals of many clients do: half of it before, on average. One that began within it
 * waited for all that was not its own doing, which ended when the next one began.
 */
export function waitingRequests(
  { fromMs, toMs, backlogEndMs }: Held,
  source: Pick<RequestSource, 'forEach'>,
): WaitingRequests {
  const heldMs = toMs - fromMs;
  const within: { readonly beganMs: number; readonly endedMs: number }[] = [];
  let requests = 0;
  let waitedMs = 0;
  const add = (ms: number) => {
    if (ms < WAITED_FROM_MS) return;
    requests++;
    waitedMs += ms;
  };

  source.forEach((beganMs, endedMs) => {
    if (endedMs <= fromMs || beganMs > backlogEndMs) return;
    if (beganMs < fromMs) add(Math.min(endedMs, toMs) - fromMs);
    else if (beganMs > toMs) add(heldMs / 2);
    else within.push({ beganMs, endedMs });
  });

  let ownMs = 0;
  let longestMs = 0;
  within.sort((one, other) => one.beganMs - other.beganMs);
  for (const [index, { beganMs, endedMs }] of within.entries()) {
    const nextMs = within[index + 1]?.beganMs ?? toMs;
    ownMs += nextMs - beganMs;
    longestMs = Math.max(longestMs, nextMs - beganMs);
    // Who held the loop itself waited for nobody.
    if (nextMs - beganMs > heldMs / 2) continue;
    add((beganMs - fromMs) / 2 + (endedMs <= nextMs ? 0 : toMs - nextMs));
  }
  return {
    requests,
    waitedMs,
    heldByNew: ownMs > heldMs / 2,
    longestMs: Math.max(longestMs, (within[0]?.beganMs ?? toMs) - fromMs),
  };
}
