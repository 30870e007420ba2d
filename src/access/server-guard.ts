// The guard of a server and of its health paths, from what crossed to the thread that serves.
import type { Clock } from '../clock.js';
import { logLine } from '../log.js';
import { type Access, createGuard, type Guard } from './guard.js';

/** Orchestrators ask there, and cannot show credentials: these paths say no more than whether the process is well. */
export const OPEN_PATHS: readonly string[] = ['/livez', '/healthz'];

/** Creates the guard; undefined where everybody may scrape. What it has to say goes to standard error. */
export function openGuard(access: Access | undefined, clock: Clock): Guard | undefined {
  if (access === undefined) return undefined;
  return createGuard({
    ...access,
    clock,
    say(sentence) {
      if (access.settings.log) logLine(sentence);
    },
  });
}
