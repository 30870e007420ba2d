// What was seen since the start: rows of every kind by thread, with the shares of the last window, and the graphs' points.

import { rank } from '../profile/hot.js';
import type { CodeOrigin, Profile } from '../profile/profile.js';
import type { LoopFigures, TopUpdate } from './figures.js';

/** Windows that graphs go back. */
const POINTS = 600;
/** Rows that are kept of a kind and a thread; those with the least time go first. */
const ROW_LIMIT = 3000;
/** Where the rows of threads go that have ended. */
const ENDED = -1;
/** What stands for a thread that sleeps, and is shown as utilization instead. */
const LEFT_OUT: CodeOrigin = 'idle';

export type CodeMode = 'function' | 'line' | 'package';
const CODE_MODES: readonly CodeMode[] = ['function', 'line', 'package'];

/** A row of the table. Shares are of the time of one thread: two threads that are busy alike make 2. */
export interface CodeRow {
  readonly name: string;
  /** File and line; empty where there is none. */
  readonly place: string;
  readonly origin: CodeOrigin;
  /** Of the last window: in the code itself, and with what it called. */
  readonly ownShare: number;
  readonly totalShare: number;
  /** Since the start, in microseconds. */
  readonly ownUs: number;
  readonly totalUs: number;
}

/** A loop by windows, the latest last. */
export interface LoopHistory {
  readonly latest: LoopFigures;
  readonly lagsMs: readonly (number | undefined)[];
  readonly utilizations: readonly (number | undefined)[];
  /** Where the thread spent the most time itself in the last window; undefined where it slept or did not answer. */
  readonly hottest: CodeRow | undefined;
}

/** Everything that is shown, as of now. */
export interface Collected {
  /** Takes an update in. */
  add(update: TopUpdate): void;
  /** Forgets rows and graphs; threads stay. */
  clear(): void;
  /** Rows of the threads that run code now or did, of one thread where `threadId` is given; in no order. */
  rows(mode: CodeMode, threadId: number | undefined): readonly CodeRow[];
  /** The threads that are there, the main one first. */
  loops(): readonly LoopHistory[];
  notes(): readonly string[];
  /** Whether any window has ended. */
  readonly hasProfile: boolean;
  /** How much time was sampled, in microseconds: that of the longest thread. */
  readonly sampledUs: number;
  /** The length of the last window, in microseconds. */
  readonly windowUs: number;
}

interface Kept {
  readonly lagsMs: (number | undefined)[];
  readonly utilizations: (number | undefined)[];
  latest: LoopFigures;
  hottest: CodeRow | undefined;
}

type RowsByKey = Map<string, CodeRow>;

/** Nothing is collected yet. */
export function createCollected(): Collected {
  const rows = new Map<CodeMode, Map<number, RowsByKey>>(CODE_MODES.map((mode) => [mode, new Map()]));
  let loops = new Map<number, Kept>();
  const sampled = new Map<number, number>();
  let notes: readonly string[] = [];
  let hasProfile = false;
  let windowUs = 0;

  function addProfile(profile: Profile, present: ReadonlySet<number>): void {
    hasProfile = true;
    windowUs = 0;
    // A thread that did not answer for a while can have two windows.
    const walls = new Map<number, number>();
    for (const { threadId, sampleUs } of profile.threads) {
      walls.set(
        threadId,
        sampleUs.reduce((sum, us) => sum + us, walls.get(threadId) ?? 0),
      );
    }
    for (const [threadId, wallUs] of walls) {
      windowUs = Math.max(windowUs, wallUs);
      sampled.set(threadId, (sampled.get(threadId) ?? 0) + wallUs);
      for (const mode of CODE_MODES) {
        const byThread = rows.get(mode) as Map<number, RowsByKey>;
        // A worker can end with its window, before anybody sees that it has.
        const place = present.has(threadId) ? threadId : ENDED;
        byThread.set(place, addWindow(byThread.get(place) ?? new Map(), profile, mode, threadId, wallUs));
      }
    }
  }

  function addLoop(figures: LoopFigures): Kept {
    const kept = loops.get(figures.threadId) ?? { latest: figures, lagsMs: [], utilizations: [], hottest: undefined };
    kept.latest = figures;
    push(kept.lagsMs, figures.worstLagMs);
    push(kept.utilizations, figures.utilization);
    kept.hottest = hottestOf(rows.get('function')?.get(figures.threadId));
    return kept;
  }

  return {
    add({ profile, loops: figures, notes: told }) {
      const present = new Set(figures.map(({ threadId }) => threadId));
      // What a thread did last is shown until its next window, but not as what it does while nothing is known of that.
      const isOld = new Set(profile?.threads.map(({ threadId }) => threadId));
      for (const { threadId, blockedMs } of figures) if (blockedMs > 0) isOld.add(threadId);
      for (const byThread of rows.values()) {
        for (const [threadId, byKey] of byThread) {
          if (isOld.has(threadId) || !present.has(threadId)) byThread.set(threadId, withoutShares(byKey));
        }
      }
      for (const byThread of rows.values()) moveEnded(byThread, present);
      if (profile !== undefined) addProfile(profile, present);
      loops = new Map(figures.map((figure) => [figure.threadId, addLoop(figure)]));
      notes = [...new Set([...(profile?.notes ?? []), ...told])];
    },
    clear() {
      for (const byThread of rows.values()) byThread.clear();
      for (const kept of loops.values()) {
        kept.lagsMs.length = 0;
        kept.utilizations.length = 0;
      }
      sampled.clear();
    },
    rows(mode, threadId) {
      const byThread = rows.get(mode) ?? new Map<number, RowsByKey>();
      if (threadId !== undefined) return [...(byThread.get(threadId)?.values() ?? [])];
      const merged: RowsByKey = new Map();
      for (const byKey of byThread.values()) for (const [key, row] of byKey) merge(merged, key, row);
      return [...merged.values()];
    },
    loops: () => [...loops.values()].sort((a, b) => a.latest.threadId - b.latest.threadId),
    notes: () => notes,
    get hasProfile() {
      return hasProfile;
    },
    get sampledUs() {
      return Math.max(0, ...sampled.values());
    },
    get windowUs() {
      return windowUs;
    },
  };
}

function addWindow(byKey: RowsByKey, profile: Profile, mode: CodeMode, threadId: number, wallUs: number): RowsByKey {
  for (const { name, place, origin, selfUs, totalUs } of rank(profile, mode, [threadId])) {
    if (origin === LEFT_OUT) continue;
    const shares = { ownShare: wallUs === 0 ? 0 : selfUs / wallUs, totalShare: wallUs === 0 ? 0 : totalUs / wallUs };
    merge(byKey, `${name}\n${place}\n${origin}`, { name, place, origin, ...shares, ownUs: selfUs, totalUs });
  }
  if (byKey.size <= ROW_LIMIT) return byKey;
  const most = [...byKey].sort(([, a], [, b]) => b.totalShare - a.totalShare || b.totalUs - a.totalUs);
  return new Map(most.slice(0, ROW_LIMIT / 2));
}

function merge(into: RowsByKey, key: string, row: CodeRow): void {
  const before = into.get(key);
  into.set(
    key,
    before === undefined
      ? row
      : {
          ...row,
          ownShare: before.ownShare + row.ownShare,
          totalShare: before.totalShare + row.totalShare,
          ownUs: before.ownUs + row.ownUs,
          totalUs: before.totalUs + row.totalUs,
        },
  );
}

function withoutShares(byKey: RowsByKey): RowsByKey {
  return new Map([...byKey].map(([key, row]) => [key, { ...row, ownShare: 0, totalShare: 0 }]));
}

function moveEnded(byThread: Map<number, RowsByKey>, present: ReadonlySet<number>): void {
  for (const [threadId, byKey] of [...byThread]) {
    if (threadId === ENDED || present.has(threadId)) continue;
    const ended = byThread.get(ENDED) ?? new Map();
    for (const [key, row] of byKey) merge(ended, key, row);
    byThread.set(ENDED, ended);
    byThread.delete(threadId);
  }
}

function hottestOf(byKey: RowsByKey | undefined): CodeRow | undefined {
  let hottest: CodeRow | undefined;
  for (const row of byKey?.values() ?? []) if (row.ownShare > (hottest?.ownShare ?? 0)) hottest = row;
  return hottest;
}

function push<T>(list: T[], value: T): void {
  list.push(value);
  if (list.length > POINTS) list.shift();
}
