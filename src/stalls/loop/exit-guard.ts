// Ends captures and sessions before the process does: with a session open, Node waits, and says "Waiting for the debugger to disconnect..." at the end.
import { performance } from 'node:perf_hooks';
import type { Monitor } from '../../instrumentation.js';
import { EXITING, FLAG } from '../../observer/heartbeat.js';

/**
 * An exit never waits longer than this. A capture is answered within a millisecond, and given up after 40 ms (capturer.ts) by
 * an observer that gets the processor; on a machine with too much to do, one exit in a hundred found it waiting for that.
 */
const EXIT_WAIT_MS = 250;

/** Ends of the process that emit no `exit` event, or for which the application has removed our listener of it. */
const ENDS = ['reallyExit', '_kill', 'execve'] as const;

/** A guard of the process's exits. */
export interface ExitGuard extends Monitor {
  /** Says that the loop turned: what looked like the exit was none, and captures may be taken again. */
  turned(): void;
}

const { load, store, wait, notify } = Atomics;
const { now } = performance;

function waitForNone(flags: Int32Array, flag: number, endMs: number): void {
  for (;;) {
    const open = load(flags, flag);
    const leftMs = endMs - now.call(performance);
    if (open === 0 || leftMs <= 0) return;
    // What the observer has asked for is served while this thread waits here.
    wait(flags, flag, open, leftMs);
  }
}

/**
 * Has the observer end its sessions, before it is ended itself: a session in a worker would stay, and what it has switched on.
 * Returns at once where there are none.
 */
export function endSessions(flags: Int32Array): void {
  if (load(flags, FLAG.sessions) === 0) return;
  try {
    store(flags, FLAG.exiting, EXITING.yes);
    notify(flags, FLAG.exiting);
    waitForNone(flags, FLAG.sessions, now.call(performance) + EXIT_WAIT_MS);
    store(flags, FLAG.exiting, EXITING.no);
  } catch {
    // A main thread that may not wait, as in some embedders.
  }
}

/** Guards every exit of this process, of which the main thread knows, by the flags that it shares with the observer. */
export function guardExits(flags: Int32Array): ExitGuard {
  function end(exiting: number): void {
    try {
      store(flags, FLAG.exiting, exiting);
      // Who keeps a session open may sleep until then.
      notify(flags, FLAG.exiting);
      const endMs = now.call(performance) + EXIT_WAIT_MS;
      waitForNone(flags, FLAG.capturing, endMs);
      // Who sends a signal to another process lives on.
      if (exiting === EXITING.yes) waitForNone(flags, FLAG.sessions, endMs);
    } catch {
      // A main thread that may not wait, as in some embedders.
    }
  }

  /** Ends them; returns how to take that back. A child that is killed in a listener of `exit` does not stop the exit. */
  function endUntil(exiting: number): () => void {
    const before = load(flags, FLAG.exiting);
    end(Math.max(exiting, before));
    return () => store(flags, FLAG.exiting, before);
  }

  const endAll = () => endUntil(EXITING.yes);
  const kill = (pid: unknown, signal: unknown) => endUntil(isOwnEnd(pid, signal) ? EXITING.yes : EXITING.perhaps);

  function turned(): void {
    if (load(flags, FLAG.exiting) !== EXITING.no) store(flags, FLAG.exiting, EXITING.no);
  }

  process.on('exit', endAll);
  const undos = ENDS.map((name) => runAround(name, name === '_kill' ? kill : endAll));
  return {
    turned,
    stop() {
      process.off('exit', endAll);
      for (const undo of undos) undo();
    },
  };
}

// Node runs what is to run at the exit, its wait for sessions included, before it sends itself a signal. Whether that is handled
// is not asked: it would be known by its name alone.
function isOwnEnd(pid: unknown, signal: unknown): boolean {
  return Number(signal) > 0 && [0, -1, process.pid, -process.pid].includes(Number(pid));
}

// `process.exit` and `process.kill` call these members of `process`, which others replace as well (signal-exit, say).
function runAround(name: (typeof ENDS)[number], before: (...args: unknown[]) => () => void): () => void {
  const property = Object.getOwnPropertyDescriptor(process, name);
  const original: unknown = property?.value;
  if (property?.configurable !== true || typeof original !== 'function') return () => {};
  const { apply } = Reflect;
  const wrapper = {
    [name](this: unknown, ...args: unknown[]): unknown {
      const after = before(...args);
      try {
        return apply(original as () => unknown, this, args);
      } finally {
        // The signal is handled, or was for another process.
        after();
      }
    },
  }[name] as object;
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(wrapper, key, { value: original[key], configurable: true });
  }
  Object.defineProperty(process, name, { ...property, value: wrapper });
  return () => {
    // Somebody who replaced it after us keeps what they have.
    if (Object.getOwnPropertyDescriptor(process, name)?.value === wrapper)
      Object.defineProperty(process, name, property);
  };
}
