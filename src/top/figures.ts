// What `top` is told of a process, window by window, however the process is reached.
import { timeOf } from '../profile/hot.js';
import type { Profile } from '../profile/profile.js';

/** A loop that has not turned for longer is told of as blocked, in milliseconds. */
export const BLOCKED_MS = 300;

/** What one loop did since the last update. */
export interface LoopFigures {
  /** `main`, or the worker's name. */
  readonly thread: string;
  /** 0 is the main thread. */
  readonly threadId: number;
  /** Share of the time in which the loop did not sleep, from 0 to 1; undefined where that is not known. */
  readonly utilization: number | undefined;
  /** How long a callback that arrived then waited for the loop, in milliseconds; undefined where that is not known. */
  readonly lagMs: number | undefined;
  /** The longest of these waits, in milliseconds; one that goes on counts. */
  readonly worstLagMs: number | undefined;
  /** Whether that is the 99th percentile of the waits instead. */
  readonly isP99?: boolean;
  /** For how long the loop has not turned by now, in milliseconds; 0 while it does. */
  readonly blockedMs: number;
  /** What it does meanwhile, as a clause such as `it is in a native call`; undefined where the profile tells. */
  readonly blockedBy?: string | undefined;
}

/** What was seen since the last update. */
export interface TopUpdate {
  /** The windows that ended, of as many threads as answered; undefined where none did. */
  readonly profile: Profile | undefined;
  /** Every thread that is there, the main one first. */
  readonly loops: readonly LoopFigures[];
  /** What the reader must know: each one sentence. */
  readonly notes: readonly string[];
}

/** Where updates come from. */
export interface TopSource {
  /** What the process runs, for the title. */
  readonly title: string;
  readonly pid: number;
  readonly nodeVersion: string;
  /**
   * Resolves to the next update, about a window after the last one, also while nothing answers; to undefined once the
   * process has ended or `signal` aborted.
   */
  next(signal: AbortSignal): Promise<TopUpdate | undefined>;
}

/** Share of the time of a profile in which the thread did not sleep, from 0 to 1; undefined where it tells nothing of it. */
export function busyShare(profile: Profile | undefined, threadId: number): number | undefined {
  if (profile === undefined) return undefined;
  const { busyUs, idleUs } = timeOf(profile, [threadId]);
  return busyUs + idleUs === 0 ? undefined : busyUs / (busyUs + idleUs);
}
