// Finds the inspector of a process, or has it opened by a signal, also while other commands open and close it.
import { checkSignal, portTaken } from './check-process.js';
import { type FoundInspector, findInspector } from './find-inspector.js';
import { CannotAttach } from './inspected.js';
import { type Listening, listeningAround, listeningOf, socketsOf } from './listening.js';
import { readNodeOptions } from './node-options.js';
import type { ProcessFacts } from './process-facts.js';
import type { Wait } from './wait.js';

/** Where nothing opens, the signal is sent again, after longer and longer. */
const AGAIN_MS = 1000;
const AGAIN_SLOWER = 1.5;
/** An inspector that has not opened by then may have been open at another port. */
const ELSEWHERE_MS = 500;
export interface Opened {
  readonly found: FoundInspector;
  /** Whether the signal of this command opened it. */
  readonly opened: boolean;
  /** Whether it sent one, which may open it again when it was closed meanwhile. */
  readonly signalled: boolean;
}

/** Finds the inspector, or has it opened. Rejects with a CannotAttach. */
export type Opening = () => Promise<Opened>;

/**
 * The opening remembers what was signalled when it is called again; `onSignalled` is told after the first signal. Both know
 * what opened by the sockets (inodes) at which the process listened `before` it, which another command may have sent.
 */
export function createOpening(
  facts: ProcessFacts,
  wait: Wait,
  signalledBefore: ReadonlySet<string> | undefined,
  onSignalled: (before: ReadonlySet<string>) => void,
): Opening {
  const { pid } = facts;
  const options = readNodeOptions(facts);
  const { inspectorPort } = options;
  // The sockets that there were before the first signal.
  let before = signalledBefore;
  const hasPort = ({ port }: Listening) => port === inspectorPort;
  const isNew = ({ inode }: Pick<Listening, 'inode'>) => before?.has(inode) === false;

  return async () => {
    const open = await findInspector(pid, (socket) => hasPort(socket) || isNew(socket));
    if (open !== undefined) return { found: open, opened: isNew(open), signalled: before !== undefined };
    const isSure = checkSignal(facts, options);
    const own = listeningOf(pid);
    // The process itself has the port where another command has it opened or closed at this moment.
    const taken = inspectorPort === 0 || own.some(hasPort) ? undefined : listeningAround(pid).find(hasPort);
    if (taken !== undefined && !socketsOf(pid).has(taken.inode)) throw portTaken(pid, inspectorPort, taken);
    wait.check();
    before ??= new Set(own.map(({ inode }) => inode));
    send(pid);
    onSignalled(before);
    return signalUntilOpen(isSure);
  };

  async function signalUntilOpen(isSure: boolean): Promise<Opened> {
    let askMs = performance.now() + ELSEWHERE_MS;
    let againAfterMs = AGAIN_MS;
    let againMs = performance.now() + againAfterMs;
    return wait.until(async () => {
      const found = await findInspector(pid, (socket) => hasPort(socket) || isNew(socket));
      if (found !== undefined) return { found, opened: isNew(found), signalled: true };
      // Somebody else may have closed what this signal opened. Where it is open, another one does nothing; an application
      // that handles it itself is not to get it again and again.
      if (performance.now() > againMs) {
        againAfterMs *= AGAIN_SLOWER;
        againMs += againAfterMs;
        askMs = performance.now();
        if (isSure) send(pid);
      }
      if (performance.now() < askMs) return undefined;
      // One that was open at another port stays there. The application's ports are asked as well, which it may see: seldom.
      askMs = Number.POSITIVE_INFINITY;
      const other = await findInspector(pid, (socket) => !isNew(socket));
      return other === undefined ? undefined : { found: other, opened: false, signalled: true };
    });
  }
}

function send(pid: number): void {
  try {
    process.kill(pid, 'SIGUSR1');
  } catch {
    throw new CannotAttach(`Process ${pid} cannot be signalled: it has ended meanwhile, or belongs to another user.`);
  }
}
