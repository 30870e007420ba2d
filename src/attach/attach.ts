// Looks into a process by its id: through the observer's socket where it runs with Loopsight, else through the inspector,
// which a signal opens.
import { attachInspector } from './attach-inspector.js';
import { attachObserver } from './attach-observer.js';
import { checkReachable } from './check-process.js';
import { CannotAttach, type Inspected } from './inspected.js';
import { hasProc, readFacts } from './process-facts.js';

export interface AttachOptions {
  /** Gives up; nothing is left behind then either. */
  readonly signal?: AbortSignal;
  /** How long to wait for a process that is blocked, in milliseconds. @default 60000 */
  readonly patienceMs?: number;
  /** Told once, in a sentence, when the process lets wait for itself. */
  readonly onWaiting?: (sentence: string) => void;
}

/**
 * Reaches the process `pid`; what it gets must be detached from. Rejects with a CannotAttach, which says why in a sentence.
 */
export async function attach(pid: number, { signal, ...others }: AttachOptions = {}): Promise<Inspected> {
  // A signal of its own: Node warns of more than ten listeners, and one signal can be that of many.
  const options = signal === undefined ? others : { ...others, signal: AbortSignal.any([signal]) };
  const observed = await attachObserver(pid, options);
  if (observed !== undefined) return observed;
  if (!hasProc()) {
    throw new CannotAttach(
      `Process ${pid} does not run with loopsight/register; others can be looked into on Linux alone.`,
    );
  }
  const facts = readFacts(pid);
  if (facts === undefined) throw new CannotAttach(`There is no process ${pid}.`);
  checkReachable(facts);
  return attachInspector(facts, options);
}
