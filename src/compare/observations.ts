// What `loopsight compare` reads: blocks of time of single instances, whoever collected them. The statistics see nothing else.

/** What a histogram gained during a block. */
export interface Increase {
  /** Upper bounds of the buckets, ascending, without `+Inf`; in the metric's unit, seconds for all of ours. */
  readonly bounds: readonly number[];
  /** What each bucket alone gained (not cumulative); one longer than `bounds`, the last one is above every bound. */
  readonly counts: readonly number[];
  /** What the sum of the values gained; `undefined` where it is not known. */
  readonly sum: number | undefined;
}

/**
 * One instance during one stretch of time: what its counters gained, resets left out. A block in which the instance was
 * not scraped at both ends is left out, not filled with zeros. Figures that the instance does not expose are `undefined`.
 */
export interface Block {
  /** The instance (pod, host:port). The same name on both sides means the same machine before and after. */
  readonly instance: string;
  /** Unix time of the block's start, seconds. */
  readonly startS: number;
  /** Length, seconds; one minute is best (short blocks are joined where traffic is low), several are accepted. */
  readonly durationS: number;
  /** Age of the process at the block's start, seconds. */
  readonly ageS: number | undefined;
  /** Requests, or calls, answered: the load. */
  readonly requests: number;
  /** Time that the main loop was active, seconds. */
  readonly loopActiveS: number | undefined;
  /** Time in garbage collection, seconds. */
  readonly gcS: number | undefined;
  /** The main loop's lag. */
  readonly lag: Increase | undefined;
  /** Durations of traced functions by name. */
  readonly functions: ReadonlyMap<string, Increase>;
}

/** One of the two that are compared. */
export interface Side {
  /** What it is called in sentences: a version, a label's value, a time. */
  readonly label: string;
  readonly blocks: readonly Block[];
}

/** What is compared. */
export interface Comparison {
  readonly baseline: Side;
  readonly candidate: Side;
  /**
   * Blocks of the same job from before the baseline's first block, any version, any instances; they say how much the
   * figures move without any deploy and how they follow the load. Days are best; blocks of five minutes are enough.
   */
  readonly past: readonly Block[];
}

/** Answer of a comparison, of one metric or of all. */
export type Answer = 'better' | 'no difference' | 'worse' | 'inconclusive';

/** An estimate with its interval: of 90 %, wider where several looks share the error. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One metric's part of a verdict. */
export interface MetricResult {
  /** Stable for programs: `loop-active-per-request`, `lag-p99`, `lag-slow-share`, `gc-per-request`, `function-p50`, `function-p99`. */
  readonly id: string;
  /** The function's name for `function-…`. */
  readonly subject: string | undefined;
  /** For people: `active loop time per request`. */
  readonly title: string;
  /** Unit of `baseline`, `candidate` and `difference`: `s` or `1` (a share). */
  readonly unit: 's' | '1';
  readonly answer: Answer;
  /** Whether an inconclusive answer here leaves the whole verdict inconclusive. */
  readonly core: boolean;
  /** Level of the baseline at the candidate's load, and of the candidate: geometric means over blocks. */
  readonly baseline: number | undefined;
  readonly candidate: number | undefined;
  /**
   * Candidate / baseline with the load taken out, higher is worse; `undefined` where it cannot be had. Next to nothing
   * against nothing is no large ratio: a little is added to both sides of shares and of garbage collection.
   */
  readonly ratio: Estimate | undefined;
  /** The same as a difference in `unit`. */
  readonly difference: Estimate | undefined;
  /** One-sided p, towards where the ratio points: of the spread over instances alone, of past windows alone, of both, of both after Holm. */
  readonly p: {
    readonly instances: number | undefined;
    readonly placebo: number | undefined;
    readonly combined: number | undefined;
    readonly adjusted: number | undefined;
  };
  /** Sentences: why this answer, what is missing. */
  readonly reasons: readonly string[];
  readonly missing: readonly string[];
}

/** What is known of one side. */
export interface SideSummary {
  readonly label: string;
  readonly instances: number;
  /** Instances, blocks, requests and time that were used, after leaving out fresh processes. */
  readonly blocks: number;
  readonly requests: number;
  readonly seconds: number;
  /** Requests per second and instance, geometric mean. */
  readonly load: number | undefined;
}

/** What `compare` answers. */
export interface Verdict {
  readonly verdict: Answer;
  /** Sentences for people, the most important first. */
  readonly reasons: readonly string[];
  /** What would make it conclusive, in sentences; empty where nothing is missing. */
  readonly missing: readonly string[];
  /** `concurrent`: both at the same time; `paired`: the same instances before and after; `sequential`: others afterwards. */
  readonly design: 'concurrent' | 'paired' | 'sequential' | undefined;
  /** The most affected first. */
  readonly metrics: readonly MetricResult[];
  readonly baseline: SideSummary;
  readonly candidate: SideSummary;
  /** Candidate's load / baseline's load per instance; `undefined` without blocks. */
  readonly loadRatio: number | undefined;
  /** How much of the data that is needed is there, 0 to 1: for a progress bar. */
  readonly progress: number;
  /** Length of the blocks that were used, seconds. */
  readonly blockS: number;
  /** Independent windows of the past that the placebo test had. */
  readonly pastWindows: number;
}
