// The loops of a process as the live page's endpoint tells of them: figures by name, and threads by the profile.
import type { PageState, PageThread } from '../page/state.js';
import type { Profile } from '../profile/profile.js';
import { BLOCKED_MS, busyShare, type LoopFigures } from './figures.js';

/** Threads that no profile told of yet have ids from here on. */
const UNKNOWN_IDS = 1_000_000;
const MAIN = 'main';

/**
 * The loops, the main one first. `profile` is what was recorded since the last update; `last` tells which threads there are
 * while there is none.
 */
export function loopsOfPage(state: PageState, profile: Profile | undefined, last: Profile | undefined): LoopFigures[] {
  const byName = new Map(state.threads.map((thread) => [thread.thread, thread]));
  const known = (last?.threads ?? []).map(({ thread, threadId }) =>
    figuresOf(thread, threadId, byName.get(thread), busyShare(profile, threadId), state),
  );
  const names = new Set(known.map(({ thread }) => thread));
  const others = state.threads
    .filter(({ thread }) => !names.has(thread))
    .map((thread, index) =>
      figuresOf(thread.thread, thread.thread === MAIN ? 0 : UNKNOWN_IDS + index, thread, undefined, state),
    );
  return [...known, ...others].sort((a, b) => a.threadId - b.threadId);
}

function figuresOf(
  thread: string,
  threadId: number,
  figures: PageThread | undefined,
  busy: number | undefined,
  { history }: PageState,
): LoopFigures {
  // The history is that of the main thread, by the second; what threads tell is of the last ten.
  const isMain = threadId === 0;
  const mean = (isMain ? history.lagMeanMs.at(-1) : undefined) ?? figures?.lagMeanMs;
  const p99 = (isMain ? history.lagP99Ms.at(-1) : undefined) ?? figures?.lagP99Ms;
  const blockedMs = figures?.blockedMs ?? 0;
  return {
    thread,
    threadId,
    // What it tells is of ten seconds, in which it turned before.
    utilization: busy ?? (blockedMs > BLOCKED_MS ? 1 : (figures?.utilization ?? undefined)),
    lagMs: mean ?? undefined,
    worstLagMs: p99 ?? undefined,
    isP99: true,
    blockedMs: blockedMs > BLOCKED_MS ? blockedMs : 0,
  };
}
