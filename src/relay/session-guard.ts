// Sessions of the inspector that last: the main thread waits for their end before the process ends, because Node would wait for
// whoever holds them, and say so.
import { EXITING, FLAG, type Heartbeat } from '../observer/heartbeat.js';
import { countSampling, countWorkerSampling } from '../profiling/sampling.js';
import { countSession } from '../stalls/loop/capturing.js';
import type { Board } from '../worker-board/memory.js';

/** The exit waits for no longer than 250 ms (exit-guard.ts). */
const CHECK_EVERY_MS = 4;

/** Knows the sessions of this thread. */
export interface SessionGuard {
  /**
   * To be called before a session is opened; `end` is called when the process ends, and must close it. Returns what to call
   * once it is closed; undefined where the process ends already, and none may be opened.
   */
  enter(end: () => void): (() => void) | undefined;
}

/** Creates the guard over the flags that the main thread shares, and the board of workers, where there is one. */
export function createSessionGuard(heartbeat: Pick<Heartbeat, 'flags'>, board?: Pick<Board, 'ints'>): SessionGuard {
  const sessions = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  const isEnding = () => Atomics.load(heartbeat.flags, FLAG.exiting) === EXITING.yes;

  function check(): void {
    if (!isEnding()) return;
    for (const end of [...sessions]) end();
  }

  return {
    enter(end) {
      // Counted first, and looked at then: the main thread does it the other way round, so that one of the two sees the other.
      countSession(heartbeat, 1);
      if (isEnding()) {
        countSession(heartbeat, -1);
        return undefined;
      }
      // Most take a profile; where one does not, nothing is counted twice.
      const undoSampling = [countSampling(heartbeat), countWorkerSampling(board)];
      const told = () => end();
      sessions.add(told);
      timer ??= setInterval(check, CHECK_EVERY_MS).unref();
      return () => {
        if (!sessions.delete(told)) return;
        for (const undo of undoSampling) undo();
        countSession(heartbeat, -1);
        if (sessions.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
