// What one dump says: each thread, what it does at this moment, and its stack.
import type { CodePlace } from '../stalls/blame/stall-report.js';

/**
 * What a thread does: `javascript` runs, `native` computes in a call of Node or the engine, `sync_io` waits in one, `wait`
 * waits in `Atomics.wait`, `idle` waits for events. Without a stack: `turning` (its loop does), `computing` `asleep` or
 * `descheduled` (ready to run, without a processor) by what the system says, `unknown`.
 */
export type Activity =
  | 'javascript'
  | 'native'
  | 'sync_io'
  | 'wait'
  | 'idle'
  | 'turning'
  | 'computing'
  | 'asleep'
  | 'descheduled'
  | 'unknown';

/**
 * Why there is no stack: the thread did not `answer` in time, the main thread did not `relay` the question, Loopsight is
 * not `loaded` in it or another worker created it, or stacks are not captured in this process (`off`).
 */
export type NoStack = 'answer' | 'relay' | 'loaded' | 'off';

/** One thread of a dump. */
export interface DumpedThread {
  /** `main`, or the worker's name. */
  readonly thread: string;
  /** 0 is the main thread. */
  readonly threadId: number;
  readonly activity: Activity;
  /** How long its loop has not turned, in milliseconds; 0 while it turns. */
  readonly blockedMs: number;
  /** The innermost call comes first. */
  readonly stack: readonly CodePlace[];
  readonly noStack?: NoStack;
  /** What the system says that the thread sleeps in. */
  readonly waitsIn?: string;
  /** Of a thread that waits: true when every other thread is idle or waits as well. */
  readonly nobodyWakes?: true;
}

/** All threads at one moment. */
export interface Dump {
  readonly pid: number;
  readonly unixMs: number;
  /** Why it was taken, where nobody asked for it. */
  readonly reason?: string;
  readonly threads: readonly DumpedThread[];
}
