// A CPU profile as V8's inspector gives it (Chrome DevTools Protocol, Profiler.Profile).

export interface V8CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  /** Line and column count from 0; −1 for none. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

export interface V8ProfileNode {
  readonly id: number;
  readonly callFrame: V8CallFrame;
  readonly hitCount?: number;
  readonly children?: readonly number[];
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
}

/** Times in microseconds of a monotonic clock. */
export interface V8Profile {
  readonly nodes: readonly V8ProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

/** For which routes samples were taken. */
export interface V8SampleRoutes {
  /** Method and route template. */
  readonly names: readonly string[];
  /** The place of each sample's in `names`; −1 where it is not known. */
  readonly ofSamples: readonly number[];
}

/** The same window of one thread. */
export interface V8ThreadProfile {
  readonly thread: string;
  readonly threadId: number;
  readonly profile: V8Profile;
  readonly routes?: V8SampleRoutes;
}

/** The same window of a process: what the socket and the page's endpoint answer as JSON, before sources are looked up. */
export interface V8Recording {
  readonly pid: number;
  readonly nodeVersion: string;
  readonly unixMs: number;
  readonly intervalUs: number;
  readonly threads: readonly V8ThreadProfile[];
  /** What the reader must know: each one sentence, such as which threads could not be reached. */
  readonly notes: readonly string[];
  /** Whether all code was compiled while the profiler ran, so that what was inlined is known. @default false */
  readonly knowsInlined?: boolean;
}
