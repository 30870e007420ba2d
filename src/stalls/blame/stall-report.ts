// What is said of one stall.

/** What kept the loop from turning (docs/stalls.md). Only the first five blame code. */
export type StallCause =
  | 'javascript'
  | 'native'
  | 'sync_io'
  | 'wait'
  | 'spin'
  | 'gc'
  | 'descheduled'
  | 'debugger'
  | 'unknown';

/**
 * How sure the culprit is: `exact` was seen while it ran; `late` was seen right after a native call that cannot be
 * interrupted, so that its caller is right and the function itself may be the next one; `unknown` was not seen.
 */
export type Confidence = 'exact' | 'late' | 'unknown';

/** A place in the code: no path of the machine, mapped through source maps where there are any. */
export interface CodePlace {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * One stall of one loop, as `onStall` gets it; times in milliseconds.
 *
 * @example
 * const loopsight = start({
 *   port: 0,
 *   onStall({ thread, durationMs, cause, culprit, route }) {
 *     console.warn({ thread, durationMs, cause, by: culprit?.function, in: culprit?.file, route }, 'event loop blocked');
 *   },
 * });
 * await loopsight.stop();
 */
export interface StallReport {
  /** `main`, or the worker's name. */
  readonly thread: string;
  /** Begin in milliseconds since the Unix epoch. */
  readonly startUnixMs: number;
  readonly durationMs: number;
  readonly cause: StallCause;
  readonly confidence: Confidence;
  /** The code that held the loop: the innermost frame of the application. Only of causes that blame code. */
  readonly culprit?: CodePlace;
  /** What it was running, where that is not its own code. */
  readonly leaf?: CodePlace;
  readonly stack: readonly CodePlace[];
  /** Different callbacks that were seen in the stall; several short ones in one turn hold a loop as well. */
  readonly callbacks: number;
  /** The span that the culprit ran under. */
  readonly span?: { readonly traceId: string; readonly spanId: string; readonly sampled: boolean };
  /** Method and route template, such as `POST /invoices`. */
  readonly route?: string;
  /** Requests that waited, and the time that they waited together, in milliseconds. */
  readonly waiting?: { readonly requests: number; readonly waitedMs: number };
  /** True while the loop is still held. */
  readonly ongoing?: boolean;
}
