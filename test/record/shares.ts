// What a recording in a file says, for tests.
import { readFileSync } from 'node:fs';
import type { Profile } from '../../src/profile/profile.js';

/** The recording in a file of our own format. */
export const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Profile;

/** Share of the time of all threads, but the idle one, in which `name` was on the stack. */
export function shareOf(profile: Profile, name: string): number {
  let [all, within] = [0, 0];
  for (const { nodes } of profile.threads) {
    const inside: boolean[] = [];
    for (const [index, { parent, function: code, selfUs }] of nodes.entries()) {
      const found = profile.functions[code];
      inside[index] = found?.name === name || (inside[parent] ?? false);
      if (found?.origin === 'idle') continue;
      all += selfUs;
      if (inside[index]) within += selfUs;
    }
  }
  return all === 0 ? 0 : within / all;
}
