// What is evaluated in a process whose inspector was opened by a signal: who uses it, so that the last one closes it, also
// after a command that was killed. Nothing of it stays when the last one has left.
import { performance } from 'node:perf_hooks';

const KEY = 'loopsight.attached';

/** What joining tells. */
export interface Joined {
  readonly pid: number;
  readonly version: string;
  /** Whether the inspector was opened for a command: closing it is ours. */
  readonly isOurs: boolean;
}

/** A name for one attachment, beside the id of the command's process. */
export const attachmentName = (): string =>
  `${process.pid}:${Math.round(performance.timeOrigin + performance.now())}:${counter++}`;
let counter = 0;

/** How leaving went: `waits` has it tried again, because another one has left just before. */
export type Left = 'left' | 'waits';

/** So long after another one has left the inspector is not closed. */
export const QUIET_MS = 300;

/**
 * Joins; `opened` says that this command's signal opened the inspector, `signalled` that it has sent one. What was opened by a command that has ended without
 * leaving is taken over. The value is a Joined.
 *
 * A signal opens the inspector twice, where it is closed by then: at once, by interrupting, and when the loop turns. So who
 * uses it is known until the loop has turned twice, and it is closed once more then where nobody does.
 */
export const joinExpression = (name: string, opened: boolean, signalled: boolean): string => `(() => {
  const key = Symbol.for('${KEY}');
  let state = globalThis[key];
  if (state === undefined) {
    state = { users: new Set(), isOurs: false, turning: 0, leftMs: -Infinity };
    Object.defineProperty(globalThis, key, { value: state, configurable: true });
  }
  state.users.add('${name}');
  // Also where another command found it open before the one that opened it came to say so.
  if (${opened}) state.isOurs = true;
  if (${signalled}) {
    state.turning++;
    setImmediate(() => setImmediate(() => {
      state.turning--;
      if (state.turning > 0 || state.users.size > 0) return;
      delete globalThis[key];
      if (state.isOurs) process._debugEnd();
    }));
  }
  return { pid: process.pid, version: process.version, isOurs: state.isOurs };
})()`;

/**
 * Leaves, and closes the inspector where it was opened for commands and nobody else is left. The value is a Left.
 *
 * Node crashes where a connection ends while the inspector is being closed. So the last one that leaves waits for those that
 * have left just before to be gone; `isPatient` is false for one that cannot.
 */
export const leaveExpression = (name: string, isPatient: boolean): string => `(() => {
  const key = Symbol.for('${KEY}');
  const state = globalThis[key];
  if (state === undefined) return 'left';
  // One that has ended is there until its parent notices, which may be never.
  const hasEnded = (pid) => {
    try {
      process.kill(pid, 0);
      const stat = process.getBuiltinModule('node:fs').readFileSync('/proc/' + pid + '/stat', 'latin1');
      return stat[stat.lastIndexOf(')') + 2] === 'Z';
    } catch (error) {
      return error.code === 'ESRCH';
    }
  };
  for (const user of state.users) if (hasEnded(Number.parseInt(user, 10))) state.users.delete(user);
  const isLast = state.users.size === (state.users.has('${name}') ? 1 : 0);
  const nowMs = performance.now();
  if (isLast && state.isOurs && ${isPatient} && nowMs - state.leftMs < ${QUIET_MS}) return 'waits';
  state.users.delete('${name}');
  state.leftMs = nowMs;
  if (!isLast) return 'left';
  if (state.turning === 0) delete globalThis[key];
  if (state.isOurs) process._debugEnd();
  return 'left';
})()`;
