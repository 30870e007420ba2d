// What every profile becomes, however it was taken: functions, call trees of threads, samples in time. Plain JSON, so that it
// can cross threads, sockets and pages as it is.

/** Whose code a function is: `idle` and `engine` are V8's own entries, such as (idle) and (garbage collector). */
export type CodeOrigin = 'application' | 'package' | 'node' | 'engine' | 'idle';

/** A function, where its source has it. */
export interface ProfiledFunction {
  readonly name: string;
  /** Path or address of its source; empty where it has none. */
  readonly file: string;
  /** Where it begins, from 1; 0 where that is not known. */
  readonly line: number;
  readonly column: number;
  readonly origin: CodeOrigin;
  /** The npm package, with its scope; `node` for Node's own code; empty for the application's and the engine's. */
  readonly package: string;
}

/** A function as it was called by one chain of callers. */
export interface ProfileNode {
  /** Place of the caller in the list of nodes, which always stands before; −1 for what nothing called. */
  readonly parent: number;
  /** Place in the profile's list of functions. */
  readonly function: number;
  /** Time in the function itself, in microseconds. */
  readonly selfUs: number;
  /** The same by line of its source; together they can be less where lines are not known. */
  readonly lines: readonly (readonly [line: number, selfUs: number])[];
}

/** What one thread did. */
export interface ThreadProfile {
  /** `main`, or the worker's name. */
  readonly thread: string;
  /** 0 is the main thread. */
  readonly threadId: number;
  /** The first node stands for the whole thread, as V8's (root). */
  readonly nodes: readonly ProfileNode[];
  /** When the first sample was taken, after the start of the profile, in microseconds. */
  readonly startUs: number;
  /** What was seen, sample by sample: places in `nodes`. */
  readonly samples: readonly number[];
  /** How long each of them stands for, in microseconds. */
  readonly sampleUs: readonly number[];
  /** Method and route template of the requests that samples were taken for, where any is known. */
  readonly routes?: readonly string[];
  /** The same sample by sample: places in `routes`; −1 where it is not known. */
  readonly sampleRoutes?: readonly number[];
}

/** A profile of one process. */
export interface Profile {
  /** What was profiled, for titles. */
  readonly title: string;
  /** The application's folder, where it is known: files below it are shown without it. */
  readonly root?: string;
  readonly pid: number;
  readonly nodeVersion: string;
  /** When it began, in milliseconds since the Unix epoch. */
  readonly unixMs: number;
  readonly durationUs: number;
  /** How far apart samples were meant to be. */
  readonly intervalUs: number;
  readonly functions: readonly ProfiledFunction[];
  readonly threads: readonly ThreadProfile[];
  /** What the reader must know of it: each one sentence. */
  readonly notes: readonly string[];
}
