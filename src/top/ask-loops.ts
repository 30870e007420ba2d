// Asks the observer of a process on this machine how its loops are.
import { askJson } from '../attach/ask-json.js';
import { findSocket } from '../cli/find-socket.js';
import { LOOPS_PATH, type ServedLoops } from './served-loops.js';

/** What asks; undefined where the process has no socket. It resolves to undefined where nothing, or an older version, answers. */
export function askLoops(pid: number): (() => Promise<ServedLoops | undefined>) | undefined {
  let socketPath: string;
  try {
    socketPath = findSocket(pid);
  } catch {
    return undefined;
  }
  return async () => {
    const answer = (await askJson({ socketPath }, LOOPS_PATH)) as Partial<ServedLoops> | null | undefined;
    return Array.isArray(answer?.threads) ? { threads: answer.threads } : undefined;
  };
}
