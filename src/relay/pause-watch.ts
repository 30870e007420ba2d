// Threads that a client's debugger has paused go on by a deadline, whatever becomes of the client.
import type { Route } from './requests.js';

/** The pauses of one client. */
export interface PauseWatch {
  paused(route: Route): void;
  resumed(route: Route): void;
  /** Returns the threads that are paused; nothing is told any more. */
  stop(): Route[];
}

/** Creates the watch; `onLate` is called when a thread has been paused for `pauseMs`. */
export function createPauseWatch(pauseMs: number, onLate: () => void): PauseWatch {
  const paused = new Map<Route, NodeJS.Timeout>();
  return {
    paused(route) {
      if (!paused.has(route)) paused.set(route, setTimeout(onLate, pauseMs).unref());
    },
    resumed(route) {
      clearTimeout(paused.get(route));
      paused.delete(route);
    },
    stop() {
      const routes = [...paused.keys()];
      for (const timer of paused.values()) clearTimeout(timer);
      paused.clear();
      return routes;
    },
  };
}
