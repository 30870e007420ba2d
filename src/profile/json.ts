// A profile as our own JSON: the model as it is, so that nothing is lost.
import type { Profile } from './profile.js';

/** What the files say of themselves. */
export const JSON_TYPE = 'loopsight-profile';
export const JSON_VERSION = 1;

/** Writes a profile as our own JSON. */
export function writeJson(profile: Profile): string {
  return `${JSON.stringify({ type: JSON_TYPE, version: JSON_VERSION, ...profile })}\n`;
}
