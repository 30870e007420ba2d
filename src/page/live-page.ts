// Keeps the last quarter of an hour and says how the process is. It runs in the observer and never waits for the main thread.
import type { Clock } from '../clock.js';
import type { Monitor } from '../instrumentation.js';
import type { SeriesTable } from '../prometheus/snapshot.js';
import type { StallReport } from '../stalls/blame/stall-report.js';
import { isExpected, type OngoingStall } from '../stalls/watch/ongoing.js';
import { createFigures, type Figures } from '../status/figures.js';
import { BLOCKED_S } from '../status/thresholds.js';
import type { Tasks } from '../tasks/task.js';
import { CHECKPOINT_METRICS, createCheckpoints } from './checkpoints.js';
import { comparePageRanges } from './compare.js';
import { createHistory } from './history.js';
import { createKeptStalls, SHOWN_BLOCKERS } from './kept-stalls.js';
import { POINT_METRICS, pointOf, type Reading } from './points.js';
import { readingsOf } from './readings.js';
import {
  HISTORY_SECONDS,
  type PageComparison,
  type PageProcess,
  type PageRange,
  type PageState,
  type PageTasks,
} from './state.js';
import { functionRows, MAX_ROWS, queueRows, threadRows } from './tables.js';
import { verdictOf } from './verdict.js';

export interface LivePageOptions {
  readonly clock: Clock;
  /** Has the main thread send newer figures, as far as it turns. */
  readonly refresh: () => Promise<void>;
  /** All figures of this process as they are now. */
  readonly tables: () => readonly SeriesTable[];
  /** Age of the main thread's, in seconds. */
  readonly ageS: () => number;
  /** How long the main loop has not turned, in milliseconds. */
  readonly blockedMs: () => number;
  readonly ongoing: () => readonly OngoingStall[];
  /** Undefined where no traced calls are shown. */
  readonly tasks: (() => Promise<Tasks>) | undefined;
  readonly process: Omit<PageProcess, 'uptimeS' | 'group'>;
  /** Its name in a group of processes; undefined while it is in none. */
  readonly group: () => string | undefined;
  readonly uptimeS: () => number;
  /** Told each second, with what is new. */
  readonly onSecond: () => void;
  /** Whether somebody looks: without, only the history is kept. */
  readonly isWatched: () => boolean;
  readonly report: (cause: string, error: unknown) => void;
}

/** What the page's routes ask. */
export interface LivePage extends Monitor {
  /** Takes a stall that is over. */
  addStall(report: StallReport): void;
  /** How it is now, with the points after `afterUnixS`. */
  state(afterUnixS: number): Promise<PageState>;
  compare(a: PageRange, b: PageRange): PageComparison;
}

/** What is told of `the last seconds` is of this long at least, once it is there, and of twice as long at most. */
const INTERVAL_MS = 10_000;
/** Who asked once will ask again within this time. */
const REMEMBERED_MS = 30_000;
/** Reading everything takes this share of the observer's time at most. */
const MAX_SHARE = 0.1;
const MINUTE_MS = 60_000;
/** Older figures of the main thread are those of an earlier second. */
const FRESH_S = 0.5;

interface Shown extends Pick<PageState, 'threads' | 'queues' | 'functions'> {
  readonly figures: Figures;
}

/** Starts keeping the history. */
export function startLivePage(options: LivePageOptions): LivePage {
  const { clock, refresh, tables, ageS, blockedMs, ongoing, isWatched, onSecond, report } = options;
  const { stallThresholdMs } = options.process;
  const history = createHistory();
  const stalls = createKeptStalls();
  const checkpoints = createCheckpoints();
  let last: Reading | undefined;
  let lastFresh: Reading | undefined;
  let base: Reading | undefined;
  let nextBase: Reading | undefined;
  let full: Reading | undefined;
  let fullCostMs = 0;
  let shown: (Shown & { readonly of: readonly [now: Reading, before: Reading | undefined] }) | undefined;
  let askedMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function readAll(): Reading {
    const startMs = clock.monotonicMs();
    if (full !== undefined && startMs - full.monotonicMs < Math.max(500, fullCostMs / MAX_SHARE)) return full;
    full = { metrics: readingsOf(tables()), monotonicMs: startMs };
    fullCostMs = clock.monotonicMs() - startMs;
    if (base === undefined || startMs - base.monotonicMs > 3 * INTERVAL_MS) {
      base = full;
      nextBase = full;
    } else if (nextBase === undefined || startMs - nextBase.monotonicMs >= INTERVAL_MS) {
      base = nextBase ?? base;
      nextBase = full;
    }
    return full;
  }

  /** What the tables say, made once of each reading: thousands of series take a while, in which nobody watches the loop. */
  function showAll(): Shown {
    const now = readAll();
    const before = base === now ? undefined : base;
    if (shown?.of[0] === now && shown.of[1] === before) return shown;
    const startMs = clock.monotonicMs();
    const elapsedS = before === undefined ? undefined : (now.monotonicMs - before.monotonicMs) / 1000;
    const figures = createFigures({ now: now.metrics, before: before?.metrics, elapsedS });
    shown = {
      of: [now, before],
      figures,
      threads: threadRows(figures),
      queues: queueRows(figures),
      functions: functionRows(figures),
    };
    fullCostMs += clock.monotonicMs() - startMs;
    return shown;
  }

  function readSome(unixS: number): Reading {
    const withFunctions = checkpoints.isDue(unixS);
    const wanted = (name: string) => POINT_METRICS.has(name) || (withFunctions && CHECKPOINT_METRICS.has(name));
    return { metrics: readingsOf(tables(), wanted), monotonicMs: clock.monotonicMs() };
  }

  async function second(): Promise<void> {
    await refresh().catch((error) => report('the figures of the live page could not be read', error));
    if (stopped) return;
    const unixS = Math.floor(clock.unixMs() / 1000);
    const heldMs = blockedMs();
    const now = readSome(unixS);
    if (checkpoints.isDue(unixS)) checkpoints.add(unixS, now.metrics);
    history.add(pointOf({ unixS, now, before: lastFresh, last, blockedMs: heldMs, heldMs: stallThresholdMs }));
    last = now;
    // While it is held the main thread's figures stay: the next ones are compared with those before.
    if (ageS() < FRESH_S) lastFresh = now;
    if (isWatched() || clock.monotonicMs() - askedMs < REMEMBERED_MS) readAll();
    else {
      full = undefined;
      shown = undefined;
      base = undefined;
      nextBase = undefined;
    }
    onSecond();
  }

  function arm(): void {
    if (stopped) return;
    // A little after the second has begun, so that each one has its point.
    timer = setTimeout(
      () => {
        second()
          .catch((error) => report('the live page could not be kept', error))
          .finally(arm);
      },
      1020 - (clock.unixMs() % 1000),
    );
  }
  arm();

  async function state(afterUnixS: number): Promise<PageState> {
    askedMs = clock.monotonicMs();
    const { figures, threads, queues, functions } = showAll();
    const held = ongoing()
      .filter(({ blockedMs: ms, isStarting }) => ms >= stallThresholdMs && !isStarting)
      .map((stall) => stall.report())
      .filter((one) => !isExpected(one));
    const unixMs = clock.unixMs();
    const blockers = stalls.blockers(unixMs - HISTORY_SECONDS * 1000, unixMs, held);
    const judgedMs = clock.monotonicMs();
    const verdict = verdictOf({
      figures,
      // From where on `loopsight status` tells of it.
      ongoing: held.find(({ thread, durationMs }) => thread === 'main' && durationMs >= BLOCKED_S * 1000),
      lately: stalls.blockers(unixMs - MINUTE_MS, unixMs, held),
      all: blockers,
    });
    fullCostMs += clock.monotonicMs() - judgedMs;
    const tasks = await tasksOf(options);
    return {
      unixMs,
      process: { ...options.process, group: options.group() ?? '', uptimeS: Math.round(options.uptimeS()) },
      verdict,
      threads,
      queues,
      functions,
      figuresAgeS: Math.round(ageS() * 10) / 10,
      stalls: stalls.list(held, unixMs),
      blockers: blockers.slice(0, SHOWN_BLOCKERS),
      ...(tasks === undefined ? {} : { tasks }),
      history: history.after(afterUnixS),
    };
  }

  return {
    addStall(stall) {
      if (isExpected(stall)) return;
      stalls.add(stall);
      if (stall.thread === 'main') history.addStall(stall.startUnixMs, stall.durationMs);
    },
    state,
    compare: (a, b) => comparePageRanges([a, b], { history, stalls, checkpoints, nowUnixMs: clock.unixMs() }),
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function tasksOf({ tasks, report }: LivePageOptions): Promise<PageTasks | undefined> {
  try {
    const found = await tasks?.();
    if (found === undefined) return undefined;
    return {
      isOn: found.isOn,
      count: found.tasks.length + found.hidden,
      tasks: found.tasks.slice(0, MAX_ROWS).map(({ id, name, state, ageMs, inStateMs, ownMs, lints }) => ({
        id,
        name,
        state,
        ageMs,
        inStateMs,
        ownMs,
        lints,
      })),
    };
  } catch (error) {
    report('the tasks of the live page could not be read', error);
    return undefined;
  }
}
