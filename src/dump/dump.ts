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

/** A variable of a call: its name, and its value in a few words. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** A process that a thread has started and that still is; without its arguments, which can hold secrets. */
export interface ChildProcess {
  readonly pid: number;
  readonly command: string;
}

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
  /** The variables of each call of the stack, where they were asked for and could be read. */
  readonly locals?: readonly (readonly Variable[])[];
  /** What the system says that the thread sleeps in. */
  readonly waitsIn?: string;
  /** Of a thread that does not answer: what it has started. */
  readonly children?: readonly ChildProcess[];
  /** Of a thread that waits: true when every other thread is idle or waits as well. */
  readonly nobodyWakes?: true;
}

/** All threads at one moment. */
export interface Dump {
  readonly pid: number;
  readonly unixMs: number;
  /** Why it was taken, where nobody asked for it. */
  readonly reason?: string;
  /** What the reader must know, each one sentence. */
  readonly notes?: readonly string[];
  readonly threads: readonly DumpedThread[];
}
