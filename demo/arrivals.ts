// Open-loop arrivals: they come on a schedule of their own, whether or not what they ask for keeps up.

export interface ArrivalOptions {
  readonly ratePerS: number;
  readonly onArrival: () => void;
  /** Uniform from 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/** Milliseconds to the next of arrivals at `ratePerS`, exponentially distributed; `uniform` is from 0 to 1, without 1. */
export function exponentialGapMs(ratePerS: number, uniform: number): number {
  return (-Math.log(1 - uniform) * 1000) / ratePerS;
}

/** Calls `onArrival` at random moments, on average `ratePerS` times a second, until stopped. */
export function startArrivals({ ratePerS, onArrival, random = Math.random }: ArrivalOptions): { stop(): void } {
  let dueMs = performance.now() + exponentialGapMs(ratePerS, random());
  let timer: NodeJS.Timeout | undefined;

  function schedule(): void {
    timer = setTimeout(arrive, Math.max(0, dueMs - performance.now()));
  }

  function arrive(): void {
    // Those that became due while the loop was blocked arrive together: leaving them out would flatter the service.
    for (const nowMs = performance.now(); dueMs <= nowMs; dueMs += exponentialGapMs(ratePerS, random())) onArrival();
    schedule();
  }

  schedule();
  return { stop: () => clearTimeout(timer) };
}
