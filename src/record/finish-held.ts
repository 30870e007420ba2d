// Has the threads of a recorded process that do not turn, such as one in an endless loop, write what they have.
import { attachInspector } from '../attach/attach-inspector.js';
import { checkReachable } from '../attach/check-process.js';
import { readFacts } from '../attach/process-facts.js';
import { FINISH_KEY } from './windows-folder.js';

/** A process that cannot be interrupted within this is in a native call. */
const PATIENCE_MS = 1500;

/** Asks all threads of `pid` through the inspector. Rejects where it cannot be reached. */
export async function finishHeld(pid: number): Promise<void> {
  const facts = readFacts(pid);
  if (facts === undefined) return;
  checkReachable(facts);
  const inspected = await attachInspector(facts, { patienceMs: PATIENCE_MS, signal: AbortSignal.timeout(PATIENCE_MS) });
  try {
    const expression = `globalThis[Symbol.for(${JSON.stringify(FINISH_KEY)})]?.()`;
    const threads = await inspected.threads();
    const asked = threads.map(({ connection }) => connection.post('Runtime.evaluate', { expression, silent: true }));
    await Promise.race([Promise.allSettled(asked), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref())]);
  } finally {
    await inspected.detach();
  }
}
