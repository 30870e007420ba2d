// What a format of profiles is.
import type { Profile } from './profile.js';

/** A format that profiles are written in. */
export interface ProfileFormat {
  readonly name: string;
  /** What it is read by, for lists. */
  readonly readBy: string;
  /** How its files end, the usual one first. */
  readonly endings: readonly string[];
  readonly write: (profile: Profile) => string | Uint8Array;
}
