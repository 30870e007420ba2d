// Whether the program is profiled all the time, and who may fetch profiles: nobody without credentials.
import { type Access, asksForIdentity } from '../access/guard.js';
import type { ResolvedOptions } from '../options.js';
import { nodeProfilesHere } from './node-profiles.js';

/**
 * Throws a TypeError where the endpoint of profiles is wanted and anybody could ask it: a profile names the program's code, and
 * takes its time.
 */
export function checkProfileEndpoint(isWanted: boolean, access: Access | undefined): void {
  if (!isWanted || (access !== undefined && asksForIdentity(access.loaded.rules))) return;
  throw new TypeError(
    'Expected `profileEndpoint` (LOOPSIGHT_PROFILE_ENDPOINT) to be on only where the endpoint asks for credentials: ' +
      'set LOOPSIGHT_TOKEN_FILE, or another of docs/security.md',
  );
}

/** Whether the main thread is profiled all the time, as far as the options and this Node decide; `capture` as in startWatch. */
export const isProfiled = (options: ResolvedOptions, capture: boolean): boolean =>
  options.profile &&
  options.instrumentations['event-loop'] &&
  options.observer &&
  capture &&
  nodeProfilesHere() === undefined;
