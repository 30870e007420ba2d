// Whether a process may be sent SIGUSR1: where nobody handles it, it kills; where something else does, it disturbs.
import { basename } from 'node:path';
import { printable } from '../status/wording.js';
import { CannotAttach } from './inspected.js';
import { type Listening, socketsOf } from './listening.js';
import type { NodeOptions } from './node-options.js';
import { isInSameNamespace, type ProcessFacts, processesHere, readText } from './process-facts.js';
import { handlesOwnSignal } from './signal-handlers.js';
import { threadName, threadsOf } from './system-threads.js';

const SIGUSR1_BIT = 1n << 9n;

/** Throws CannotAttach, in a sentence, where the process is not one that can be asked at all. */
export function checkReachable(facts: ProcessFacts): void {
  const { pid, state, executable, uid, namespacePids, threadOf } = facts;
  const refuse = (reason: string) => {
    throw new CannotAttach(reason);
  };
  if (pid === process.pid) refuse(`Process ${pid} is this command itself.`);
  // The system sends a thread's signals to its process, which would be looked into as something else.
  if (threadOf !== pid)
    refuse(`What has the id ${pid} is a thread of process ${threadOf}; give the id of the process.`);
  if (state === 'Z' || state === 'X') {
    refuse(`Process ${pid} has ended already and only waits for its parent to notice (a zombie).`);
  }
  const own = process.getuid?.() ?? 0;
  if (own !== 0 && uid !== own) {
    refuse(`Process ${pid} belongs to another user (${uid}); run the command as that user, or as root.`);
  }
  if (namespacePids.length > 1 || isInSameNamespace(pid, 'pid') === false) {
    refuse(
      `Process ${pid} runs in a container, or another process namespace, where it has the id ${namespacePids.at(-1)}; run the command in there, as with docker exec or kubectl exec.`,
    );
  }
  if (state === 'T' || state === 't') {
    refuse(
      `Process ${pid} is stopped, by a signal or a debugger; it can be asked when it goes on (kill -CONT ${pid}).`,
    );
  }
  if (executable === '') {
    refuse(
      `Process ${pid} may not be read (/proc/${pid}/exe): ${own === 0 ? 'it belongs to the system, or has rights that this command has not' : 'it has more rights than this command; run it as root'}.`,
    );
  }
  if (!isNode(facts)) {
    refuse(`Process ${pid} is no Node.js process: it runs ${printable(executable.replace(/ \(deleted\)$/, ''), 120)}.`);
  }
  if (isInSameNamespace(pid, 'net') === false) {
    refuse(
      `Process ${pid} is in another network namespace, so its inspector cannot be reached from here; run the command in there, as with nsenter -n -t ${pid}.`,
    );
  }
}

/**
 * Throws CannotAttach where SIGUSR1 would not open the inspector; returns false where the application could handle it itself,
 * because that may not be known.
 */
export function checkSignal(facts: ProcessFacts, options: NodeOptions): boolean {
  const { pid, caught } = facts;
  const disabledBy = options.disabledBy === undefined ? undefined : printable(options.disabledBy);
  if (disabledBy?.includes('permission') === true) {
    throw new CannotAttach(
      `Process ${pid} was started with ${disabledBy}, under which Node opens no inspector; nothing was signalled. Add --allow-inspector where Node has it, or start it with loopsight/register.`,
    );
  }
  if (disabledBy !== undefined || (caught & SIGUSR1_BIT) === 0n) {
    const why = disabledBy === undefined ? '' : `, because it was started with ${disabledBy}`;
    throw new CannotAttach(
      `Process ${pid} does not handle SIGUSR1${why}: the signal would end it, so it was not sent. Start it ${disabledBy === undefined ? '' : `without ${disabledBy}, or `}with loopsight/register.`,
    );
  }
  if (options.signalTakenBy !== undefined) {
    throw new CannotAttach(
      `Process ${pid} was started with ${printable(options.signalTakenBy)}, which gives SIGUSR1 another meaning; nothing was signalled.`,
    );
  }
  const isHandled = handlesOwnSignal(facts);
  if (isHandled === true) {
    throw new CannotAttach(
      `Process ${pid} handles SIGUSR1 itself (process.on('SIGUSR1')), so the signal would not open its inspector; nothing was signalled. Start it with loopsight/register.`,
    );
  }
  return isHandled === false;
}

/** The sentence for a port of the inspector that somebody else has. */
export function portTaken(pid: number, port: number, taken: Listening): CannotAttach {
  const owner = processesHere().find((other) => socketsOf(other).has(taken.inode));
  const name = owner === undefined ? '' : readText(owner, 'comm').trimEnd();
  const who = owner === undefined ? 'another process' : `process ${owner} (${printable(name)})`;
  return new CannotAttach(
    `The inspector of process ${pid} would open at port ${port}, which ${who} has; nothing was signalled. Try again when the port is free, or start the process with --inspect-port=0, for any free one.`,
  );
}

// A program of another name is Node as well where it has the thread that waits for SIGUSR1, as newer versions name it.
function isNode({ pid, executable }: ProcessFacts): boolean {
  const name = basename(executable.replace(/ \(deleted\)$/, ''));
  return (
    /^node(?:js)?(?:[-.]?v?[\d.]+)?$/.test(name) ||
    threadsOf(pid).some((tid) => threadName(pid, tid) === 'SignalInspector')
  );
}
