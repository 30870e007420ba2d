// Where programs that are recorded from their first line leave what they did: a folder of the user, which the command makes,
// empties as it goes, and removes. Each thread writes one window after the other, each as a whole.
import type { V8Profile } from '../profile/v8-profile.js';

/** `RecordRequest` as JSON: by this variable a program knows that it is recorded. */
export const RECORD_VARIABLE = 'LOOPSIGHT_RECORD';

/** What a program is told. */
export interface RecordRequest {
  readonly folder: string;
  /** The command's process: without it nobody empties the folder. */
  readonly parent: number;
  readonly intervalUs: number;
  /** How long a window lasts but for the first ones: at most so much of a thread is lost that is killed, or ended by another. */
  readonly windowMs: number;
  readonly threads: 'main' | 'all';
}

/** A folder within it that the threads watch; whatever the command writes there has all of them write what they have. */
export const REQUESTS_FOLDER = 'requests';

/** The global function that does the same in a thread that does not turn. */
export const FINISH_KEY = 'loopsight.record.finish';

/** What is written, under any name that ends in `.json`. */
export interface RecordedWindow {
  readonly pid: number;
  /** The process that started it. */
  readonly parent: number;
  /** 0 is the main thread. */
  readonly threadId: number;
  /** `main`, or what the worker is called. */
  readonly thread: string;
  readonly nodeVersion: string;
  /** What the process runs, for titles. */
  readonly title: string;
  /** When it was written, in milliseconds since the Unix epoch. */
  readonly unixMs: number;
  /** From 0 within a thread. */
  readonly index: number;
  /** Undefined in what a thread says as it begins, so that the command knows of it, and in what is said of one that is gone. */
  readonly profile?: V8Profile | undefined;
  readonly state: WindowState;
}

/** `finished`: nothing follows, and nothing is missing. `gone`: says its creator of a worker that ended, in whatever way. */
export type WindowState = 'running' | 'finished' | 'gone';

/** Behind all of a thread's own windows. */
export const GONE_INDEX = 1e9;
