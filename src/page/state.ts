// What the live page shows, as its endpoint tells it: plain JSON, every list bounded. `loopsight top <url>` reads it too.
import type { StallCause } from '../stalls/blame/stall-report.js';
import type { Severity } from '../status/problem.js';
import type { Task } from '../tasks/task.js';

/** Where the page and what it reads are served. */
export const PAGE_PATHS = {
  /** The page itself. */
  page: '/',
  /** Server-sent events: `history` (a PageHistory) once, then `state` (a PageState) each second. */
  events: '/page/events',
  /** A PageState; `?history=60` says how many seconds of history it has, up to 900. */
  state: '/page/state.json',
  /** A V8Recording; `?seconds=1&interval=5&threads=main`; with `as=profile` a Profile, source maps applied. */
  profile: '/page/profile.json',
  /** A PageComparison of two ranges in seconds since the Unix epoch: `?a=from-to&b=from-to`. */
  compare: '/page/compare.json',
} as const;

/** What the query of `profile` may say. A further recording while one is made is answered with 409. */
export const PROFILE_LIMITS = {
  seconds: { least: 0.1, most: 60, usual: 5 },
  /** Between samples, in milliseconds. */
  interval: { least: 0.1, most: 100, usual: 5 },
} as const;

/** The history that is kept: one point a second. */
export const HISTORY_SECONDS = 900;

/** One process at one moment. */
export interface PageState {
  readonly unixMs: number;
  readonly process: PageProcess;
  readonly verdict: PageVerdict;
  /** The main thread comes first. */
  readonly threads: readonly PageThread[];
  /** What the main thread told is this old, in seconds: more than a second or two while its loop is held. */
  readonly figuresAgeS: number;
  /** Of the history, the newest first; those that last come before them. */
  readonly stalls: readonly PageStall[];
  /** Who held loops within the history: the main thread's first, then the most time. */
  readonly blockers: readonly PageBlocker[];
  readonly queues: readonly PageQueue[];
  /** Traced functions, the one with the most time of its own comes first. */
  readonly functions: readonly PageFunction[];
  /** Undefined where traced calls are not followed. */
  readonly tasks?: PageTasks;
  /** The newest points; the events `state` have those that are new. */
  readonly history: PageHistory;
}

export interface PageProcess {
  readonly pid: number;
  readonly service: string;
  readonly version: string;
  /** Its name in a group of processes that share the endpoint, such as `primary`; empty where it is in none. */
  readonly group: string;
  readonly nodeVersion: string;
  readonly uptimeS: number;
  /** Whether a profile can be taken. */
  readonly canProfile: boolean;
  /** A loop that does not turn for longer has a stall, in milliseconds. */
  readonly stallThresholdMs: number;
}

/** `fine` says that nothing is wrong, `unknown` that nothing was measured yet. */
export type VerdictLevel = Severity | 'fine' | 'unknown';

/** Whether the process is well, and who blocks it. */
export interface PageVerdict {
  readonly level: VerdictLevel;
  /** One sentence: whether the loop is healthy, or what is wrong. */
  readonly headline: string;
  /** One more: the figures, or who blocks; empty where there is nothing to add. */
  readonly detail: string;
  /** The sentences of `loopsight status`, three at most, the worst first. */
  readonly problems: readonly { readonly severity: Severity; readonly rule: string; readonly sentence: string }[];
}

/** Threads of one name; null for what is not known. */
export interface PageThread {
  readonly thread: string;
  /** How many threads have the name. */
  readonly count: number;
  /** How long its loop has not turned, in milliseconds; 0 while it turns. */
  readonly blockedMs: number;
  /** Of the last ten seconds or a little more, in milliseconds. */
  readonly lagMeanMs: number | null;
  readonly lagP99Ms: number | null;
  /** Share of the last ten seconds in which its loop was active. */
  readonly utilization: number | null;
  /** Processors that it used. */
  readonly cpus: number | null;
  readonly heapBytes: number | null;
  readonly heapLimitBytes: number | null;
}

/** A stall; times in milliseconds. */
export interface PageStall {
  readonly thread: string;
  readonly startUnixMs: number;
  readonly durationMs: number;
  readonly cause: StallCause;
  /** Whether it still lasts. */
  readonly ongoing: boolean;
  /** Empty where nobody is blamed. */
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly route: string;
  readonly waitingRequests: number;
  /** Frames such as `load (src/load.ts:12:3)`, of the newest stalls only. */
  readonly stack: readonly string[];
}

/** Code and the stalls that it caused. */
export interface PageBlocker {
  readonly thread: string;
  readonly cause: StallCause;
  /** Empty where no code is blamed. */
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly stalls: number;
  readonly totalMs: number;
  readonly longestMs: number;
  readonly lastUnixMs: number;
}

/** A queue, pool, lock or the thread pool; null for what it does not have. */
export interface PageQueue {
  readonly kind: 'queue' | 'pool' | 'lock' | 'threads';
  readonly name: string;
  readonly type: string;
  readonly waiting: number;
  readonly running: number | null;
  readonly capacity: number | null;
  /** Mean wait of the last ten seconds or a little more, in milliseconds. */
  readonly waitMs: number | null;
  readonly oldestMs: number | null;
  /** Ended in a second. */
  readonly perSecond: number | null;
}

/** A traced function over the last ten seconds or a little more. */
export interface PageFunction {
  readonly function: string;
  readonly active: number;
  readonly callsPerSecond: number | null;
  readonly meanMs: number | null;
  readonly p99Ms: number | null;
  /** Of the calls, failed ones; null without calls. */
  readonly failedShare: number | null;
  /** Seconds in a second, as far as they were measured: on the loop itself, behind others, and waiting. */
  readonly own: number;
  readonly others: number;
  readonly idle: number;
  readonly offloaded: number;
}

/** Traced calls under way, the oldest first. */
export interface PageTasks {
  readonly isOn: boolean;
  /** How many there are. */
  readonly count: number;
  readonly tasks: readonly Pick<Task, 'id' | 'name' | 'state' | 'ageMs' | 'inStateMs' | 'ownMs' | 'lints'>[];
}

/** What an event `state` says: a PageState without lists that are as they were in the one before it. */
export type PageStateEvent = Omit<PageState, 'stalls' | 'blockers'> & Partial<Pick<PageState, 'stalls' | 'blockers'>>;

/** Points by second, in columns of one length; null where nothing was measured. Of the main thread where not said. */
export interface PageHistory {
  /** Seconds since the Unix epoch, rising. */
  readonly unixS: readonly number[];
  /** What callbacks waited, in milliseconds. While the loop is held: what one waits that arrived as it was held. */
  readonly lagMeanMs: readonly (number | null)[];
  readonly lagP99Ms: readonly (number | null)[];
  /** 0 to 1. */
  readonly utilization: readonly (number | null)[];
  /** Processors that the process used. */
  readonly cpus: readonly (number | null)[];
  readonly memoryBytes: readonly (number | null)[];
  readonly heapBytes: readonly (number | null)[];
  /** Milliseconds of the second that were within stalls of the main thread. */
  readonly stalledMs: readonly number[];
}

/** Two ranges of the history beside each other. */
export interface PageComparison {
  readonly a: PageRange;
  readonly b: PageRange;
  readonly rows: readonly PageComparisonRow[];
  /** What the reader must know: each one sentence. */
  readonly notes: readonly string[];
}

/** In seconds since the Unix epoch. */
export interface PageRange {
  readonly fromS: number;
  readonly toS: number;
}

/** One figure in both ranges; null where it has none. */
export interface PageComparisonRow {
  readonly group: 'loop' | 'blockers' | 'functions';
  readonly name: string;
  readonly unit: 'ms' | 'share' | 'cpus' | 'bytes' | 'perSecond';
  readonly a: number | null;
  readonly b: number | null;
}
