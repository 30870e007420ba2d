// A process that commands look into, however it is reached.
import type { CdpThread } from '../cdp/connection.js';

/**
 * How a process is reached: by an inspector that was opened for it (`inspector`) or that was open already (`open-inspector`),
 * through the observer's socket of a process with Loopsight (`observer`), or because the command started it (`started`).
 */
export type Way = 'inspector' | 'open-inspector' | 'observer' | 'started';

/** A process that is looked into. */
export interface Inspected {
  readonly pid: number;
  readonly way: Way;
  readonly nodeVersion: string;
  /** What it runs, for titles: the program's file, else the command. */
  readonly title: string;
  /** Whether its inspector may pause it: `Debugger`, and `Runtime.evaluate`, which is refused through the observer. */
  readonly mayEvaluate: boolean;
  /** The threads that can be asked now, the main one first; those of workers are found while the main one answers. */
  threads(): Promise<readonly CdpThread[]>;
  /** Resolves when the process has ended or went away. */
  readonly ended: Promise<void>;
  /** Leaves nothing behind: closes sessions, and the inspector where it was opened for this. Twice is harmless; never rejects. */
  detach(): Promise<void>;
}

/** Why a process cannot be looked into, in a sentence for whoever asked; nothing was signalled. Commands end with 2. */
export class CannotAttach extends Error {
  override readonly name: string = 'CannotAttach';
}

/** The process was asked, as it may be, and did not answer in time: it is blocked in a call that cannot be interrupted. */
export class Unanswered extends CannotAttach {}
