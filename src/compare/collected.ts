// What was collected, and what a person should know of it, wherever it came from.
import type { Comparison } from './observations.js';

/** When a side was; Unix times in seconds. */
export interface SideTime {
  readonly label: string;
  readonly startS: number;
  readonly endS: number;
}

/** A comparison and where it comes from. Text from servers and files is as it came: print it through `printable`. */
export interface Collected {
  readonly comparison: Comparison;
  /** The address or the folders, safe to print. */
  readonly source: string;
  /** The job, safe to print; undefined where files were read. */
  readonly job: string | undefined;
  /** The label that tells the sides apart; undefined where times or folders do. */
  readonly label: string | undefined;
  readonly baseline: SideTime;
  readonly candidate: SideTime;
  /** Whether a side was chosen by us, because it was not named. */
  readonly chosen: boolean;
  /** What counts the load. */
  readonly load: 'requests' | 'calls' | 'tasks' | 'nothing';
  readonly blockS: number;
  /** Sentences about what was collected. */
  readonly notes: readonly string[];
  /** What the server warned of, safe to print. */
  readonly warnings: readonly string[];
}
