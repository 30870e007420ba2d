// Takes the tasks of this process, in the observer; on request after a second in which the main thread notes where they wait.
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import { HEAD, HEAD_NUMBER, type LiveMemory } from '../live-calls/live-memory.js';
import { type ReadOptions, readTasks } from './read-tasks.js';
import type { Tasks } from './task.js';

/** It is noted for this long where calls wait; less the time that a loop sleeps before it looks up and sees that it is wanted. */
const WHERE_MS = 1150;
/** A loop that is held for longer is not waited for. */
const HELD_MS = 500;

export interface CollectOptions extends Omit<ReadOptions, 'nowMs'> {
  readonly clock: Clock;
  readonly pid: number;
  readonly memory: LiveMemory;
  /** How long the main loop has not turned at a moment, in milliseconds; 0 while it turns, NaN before its first turn. */
  readonly blockedMs: (nowMs: number) => number;
}

/** Takes the tasks; `where` has it noted first where they wait, which takes a second. */
export type TaskReader = (where?: boolean) => Promise<Tasks>;

/** Creates the one that takes them. */
export function createTaskReader(options: CollectOptions): TaskReader {
  const { clock, pid, memory, blockedMs } = options;
  return async (where = false) => {
    const noPlaces = where ? await notePlaces() : undefined;
    const nowMs = clock.monotonicMs();
    const heldMs = blockedMs(nowMs);
    return {
      pid,
      unixMs: clock.unixMs(),
      blockedMs: Number.isNaN(heldMs) ? 0 : heldMs,
      ...readTasks(memory, { ...options, nowMs }),
      ...(noPlaces === undefined ? {} : { noPlaces }),
    };
  };

  async function notePlaces(): Promise<Tasks['noPlaces']> {
    const { head, headNumbers } = memory;
    const askedMs = clock.monotonicMs();
    if (head[HEAD.notesPlaces] !== 1) return 'off';
    if (blockedMs(askedMs) > HELD_MS) return 'held';
    headNumbers[HEAD_NUMBER.whereUntil] = askedMs + WHERE_MS;
    await delay(WHERE_MS);
    return (headNumbers[HEAD_NUMBER.idleAt] ?? 0) < askedMs ? 'held' : undefined;
  }
}
