// What ran for which HTTP route in a stretch of time: what the thread that serves them notes for whoever has samples of it.

/** Method and route template of a request; no route where nobody tells it. Never a path that a client sent. */
export interface RouteName {
  readonly method: string;
  readonly route: string | undefined;
}

/** What ran, where it was no request's: a callback of nobody's, or none. */
export const OWNER = { nobody: -1, outside: -2 } as const;

/** A window in which requests were followed. Times in monotonic milliseconds. */
export interface RouteWindow {
  /** It stands for the time since then. */
  readonly sinceMs: number;
  /** Requests that began from here … */
  readonly fromMs: number;
  /** … to here were followed … */
  readonly toMs: number;
  /** … up to here. */
  readonly endMs: number;
  /** When what ran changed, … */
  readonly timesMs: Float64Array;
  /** … and to what: a place in `routes`, or an OWNER. */
  readonly owners: Int32Array;
  readonly routes: readonly RouteName[];
}

/** What is told of requests: a window, or that there were none since the last one. */
export type RouteNews =
  | { readonly window: RouteWindow }
  /** Monotonic milliseconds. */
  | { readonly noneUntilMs: number };

/** A request that is followed. Neither method throws. */
export interface FollowedRequest {
  /** Names it, as far as it is known while it lasts. */
  name(name: RouteName): void;
  /** It is over. */
  end(name: RouteName): void;
}

/** Who has requests followed. */
export interface RequestFollower {
  /** Is to name those that go on. */
  nameUnfinished(): void;
  onNews(news: RouteNews): void;
}

/** The owner at `atMs` for times that only grow: outside of the window it is undefined. */
export function ownerReader({ fromMs, endMs, timesMs, owners }: RouteWindow): (atMs: number) => number | undefined {
  let next = 0;
  return (atMs) => {
    if (atMs < fromMs || atMs >= endMs) return undefined;
    while (next < timesMs.length && (timesMs[next] ?? 0) <= atMs) next++;
    return next === 0 ? OWNER.outside : owners[next - 1];
  };
}
