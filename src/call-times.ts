// What traced functions and those who measure their calls exactly know of each other; copies of the package meet here.

/** A traced call as its measurement needs it. Times in milliseconds: the monotonic clock, and the loop's own idle time. */
export interface MeasurableCall {
  readonly functionName: string;
  /** The call's place among the live calls; -1 where it has none. */
  readonly livePlace: number;
  /** Measuring ended before the call. */
  cut(nowMs: number, loopIdleMs: number): void;
}

/** One call that is measured exactly. None of the methods throws. */
export interface MeasuredCall {
  /** Time on the loop so far of everything that the call began, in milliseconds. */
  readonly ownMs: number;
  /** Time so far in which some of that was handed over, in milliseconds. */
  readonly offloadedMs: number;
  /** The measured call that this one is part of. */
  readonly parent: MeasuredCall | undefined;
  /** The call's place among the live calls; -1 where it has none. */
  readonly livePlace: number;
  /** What runs from now on is the call's. */
  enter(): void;
  /** What runs from now on is not. */
  leave(): void;
  /** The call is over. */
  end(nowMs: number): void;
  /** Tells whoever asked for this measurement what the call came to, all in milliseconds. */
  tell(wallMs: number, idleMs: number): void;
}

/** Measures calls of this thread, now and then or on demand. */
export interface CallTimes {
  /** Whether calls are of interest, and not requests alone. @default true */
  readonly measuresCalls?: boolean;
  /** Begins to measure `call` where calls are measured right now. */
  begin(call: MeasurableCall): MeasuredCall | undefined;
  /** The measured call that is running right now. */
  readonly current: MeasuredCall | undefined;
  /** A call that is not measured was suspended: its time will have to be estimated. */
  suspended(): void;
  /** As `beginOffload` (offload.ts). */
  beginOffload(): (() => void) | undefined;
}
