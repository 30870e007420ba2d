// Takes the tasks of this process, in the observer; on request after a second in which the main thread notes where they wait.
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import { HEAD, HEAD_NUMBER, type LiveMemory } from '../live-calls/live-memory.js';
import { type ReadOptions, readTasks } from './read-tasks.js';
import type { Tasks } from './task.js';

/** It is noted for this long where calls wait, from the moment on when the loop looks up and sees that it is wanted. */
const WHERE_MS = 1050;
/** A loop that sleeps for longer before it looks up is not waited for. */
const LONGEST_SLEEP_MS = 5000;
/** What was measured for it is followed for so long after that, at most; nothing else can be until then. */
const FOLLOWED_MS = 1050;
/** A loop that is held for longer is not waited for. */
const HELD_MS = 500;

export interface CollectOptions extends Omit<ReadOptions, 'nowMs' | 'hasSlept'> {
  readonly clock: Clock;
  readonly pid: number;
  readonly memory: LiveMemory;
  /** Whether the main loop does nothing but sleep, as of its last turn. */
  readonly isSleeping: () => boolean;
  /** How long the main loop sleeps at most before it looks up, in milliseconds. */
  readonly sleepsForMs: number;
  /** How long the main loop has not turned at a moment, in milliseconds; 0 while it turns, NaN before its first turn. */
  readonly blockedMs: (nowMs: number) => number;
}

/**
 * Takes the tasks; `where` has it noted first where they wait, which takes a second, or up to another one where that was
 * asked just before. Those who ask meanwhile get what is noted then.
 */
export type TaskReader = (where?: boolean) => Promise<Tasks>;

/** Creates the one that takes them. */
export function createTaskReader(options: CollectOptions): TaskReader {
  const { clock, pid, memory, isSleeping, sleepsForMs, blockedMs } = options;
  const whereMs = WHERE_MS + Math.min(sleepsForMs, LONGEST_SLEEP_MS);
  const { head, headNumbers } = memory;
  let underWay: Promise<Tasks['noPlaces']> | undefined;
  let followedUntilMs = Number.NEGATIVE_INFINITY;
  return async (where = false) => {
    const noPlaces = where ? await placesNoted() : undefined;
    const nowMs = clock.monotonicMs();
    const notTurnedMs = notTurnedForMs(nowMs);
    return {
      pid,
      unixMs: clock.unixMs(),
      blockedMs: notTurnedMs,
      ...readTasks(memory, { ...options, nowMs, hasSlept: notTurnedMs === 0 && isSleeping() }),
      ...(noPlaces === undefined ? {} : { noPlaces }),
    };
  };

  // From the last turn on, as stalls are counted.
  function notTurnedForMs(nowMs: number): number {
    const overdueMs = blockedMs(nowMs);
    const lastTurnMs = headNumbers[HEAD_NUMBER.idleAt] ?? 0;
    if (!(overdueMs > 0)) return 0;
    return lastTurnMs > 0 ? Math.max(overdueMs, nowMs - lastTurnMs) : overdueMs;
  }

  function placesNoted(): Promise<Tasks['noPlaces']> {
    underWay ??= notePlaces().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function notePlaces(): Promise<Tasks['noPlaces']> {
    if (head[HEAD.notesPlaces] !== 1) return 'off';
    if (blockedMs(clock.monotonicMs()) > HELD_MS) return 'held';
    const followedMs = followedUntilMs - clock.monotonicMs();
    if (followedMs > 0) await delay(followedMs);
    const askedMs = clock.monotonicMs();
    headNumbers[HEAD_NUMBER.whereUntil] = askedMs + whereMs;
    followedUntilMs = askedMs + whereMs + FOLLOWED_MS;
    await delay(whereMs);
    return (headNumbers[HEAD_NUMBER.idleAt] ?? 0) < askedMs ? 'held' : undefined;
  }
}
