// Through the inspector of a process: opened by SIGUSR1 and closed again, or left open where it was open before.
import { setTimeout as delay } from 'node:timers/promises';
import type { CdpConnection } from '../cdp/connection.js';
import { connectWebSocket } from '../cdp/web-socket.js';
import { relayThreads, type ThreadRelay } from '../cdp/worker-threads.js';
import type { AttachOptions } from './attach.js';
import { type Closer, startCloser } from './close-later.js';
import { attachmentName, joinExpression, type Left, leaveExpression, QUIET_MS } from './in-target.js';
import { CannotAttach, type Inspected } from './inspected.js';
import { letExit } from './let-exit.js';
import { createOpening, type Opening } from './opening.js';
import { createOwed, type Owed } from './owed.js';
import type { ProcessFacts } from './process-facts.js';
import { programTitle } from './title.js';
import { createWait, type Wait } from './wait.js';

/** The last command that leaves closes the inspector, also while another one is about to use it, which then asks again. */
const ATTEMPTS = 5;
/** How long leaving may take; what was sent is handled later. */
const LEAVE_MS = 1500;
/** What was sent to a process that is blocked has arrived by then. */
const SENT_MS = 50;

/**
 * Reaches a process that was checked. Rejects with a CannotAttach; where it was signalled by then, the closer has what that
 * opens closed, and is told at which sockets (inodes) the process listened before. `signalledBefore` are these where another
 * command has signalled: what listens elsewhere was opened by that, and is closed although it is found open.
 */
export async function attachInspector(
  facts: ProcessFacts,
  options: AttachOptions,
  closerOf: (facts: ProcessFacts, before: ReadonlySet<string>) => Closer = startCloser,
  signalledBefore?: ReadonlySet<string>,
): Promise<Inspected> {
  let before = signalledBefore;
  const wait = createWait(facts, options);
  const owed = createOwed(() => closerOf(facts, before ?? new Set()));
  try {
    const opening = createOpening(facts, wait, before, (sockets) => {
      before = sockets;
      owed.begin();
    });
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const inspected = await attachOnce(facts, opening, wait, owed);
      if (inspected !== undefined) return inspected;
    }
    throw new CannotAttach(`The inspector of process ${facts.pid} was closed again and again by somebody else.`);
  } catch (error) {
    // The signal stays with the process: it opens the inspector when it can.
    owed.pay();
    throw error;
  } finally {
    wait.stop();
  }
}

/** Undefined where the inspector was closed meanwhile. */
async function attachOnce(
  facts: ProcessFacts,
  opening: Opening,
  wait: Wait,
  owed: Owed,
): Promise<Inspected | undefined> {
  const { pid } = facts;
  const { found, opened, signalled } = await opening();
  let main: CdpConnection;
  try {
    main = await connectWebSocket(found.address);
  } catch {
    return undefined;
  }
  const name = attachmentName();
  const joined = await wait.forAnswer(main, joinExpression(name, opened, signalled), leaveExpression(name, false));
  if (joined === undefined) return undefined;
  if (joined.pid !== pid) {
    main.post('Runtime.evaluate', { expression: leaveExpression(name, false) }).catch(() => {});
    main.close();
    throw new CannotAttach(`What listens at port ${found.port} is the inspector of another process (${joined.pid}).`);
  }
  if (joined.isOurs) owed.begin();
  const relay = relayThreads(main);
  let leaving: Promise<void> | undefined;
  const detach = () => {
    leaving ??= leave(main, relay, name).then(owed.end);
    return leaving;
  };
  letExit(main, detach);
  return {
    pid,
    way: joined.isOurs ? 'inspector' : 'open-inspector',
    nodeVersion: joined.version,
    title: programTitle(facts, pid),
    mayEvaluate: true,
    threads: relay.threads,
    ended: main.closed,
    detach,
  };
}

// All at once: a process that is blocked does it in this order when it goes on. Closing ends the main thread's session, and
// what profilers and debuggers it has running; those of workers are let go one by one.
async function leave(main: CdpConnection, relay: ThreadRelay, name: string): Promise<void> {
  void relay.stop();
  const until = Promise.race([main.closed, delay(LEAVE_MS, undefined, { ref: false })]);
  const say = (isPatient: boolean) =>
    main.post('Runtime.evaluate', { expression: leaveExpression(name, isPatient), returnByValue: true }).then(
      (evaluated) => (evaluated as { result?: { value?: Left } }).result?.value,
      () => 'left' as const,
    );
  let left = await Promise.race([say(true), until]);
  while (left === 'waits') {
    await delay(QUIET_MS);
    left = await Promise.race([until, say(true)]);
  }
  // Who does not answer does this when it goes on, and nobody is connected any more by then.
  if (left !== 'left') await Promise.race([say(false), main.closed, delay(SENT_MS)]);
  main.close();
}
