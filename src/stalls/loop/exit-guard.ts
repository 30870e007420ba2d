// Ends captures before the process does: with a session open, Node says "Waiting for the debugger to disconnect..." at the end.
import { performance } from 'node:perf_hooks';
import type { Monitor } from '../../instrumentation.js';
import { FLAG } from '../../observer/heartbeat.js';

/**
 * An exit never waits longer than this. A session is answered within a millisecond, and given up after 40 ms (capturer.ts) by
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

/** Guards every exit of this process, of which the main thread knows, by the flags that it shares with the observer. */
export function guardExits(flags: Int32Array): ExitGuard {
  const { load, store, wait } = Atomics;
  const { now } = performance;

  function endCaptures(): void {
    try {
      store(flags, FLAG.exiting, 1);
      const endMs = now.call(performance) + EXIT_WAIT_MS;
      for (;;) {
        const capturing = load(flags, FLAG.capturing);
        const leftMs = endMs - now.call(performance);
        if (capturing === 0 || leftMs <= 0) return;
        // What the observer has asked for is served while this thread waits here.
        wait(flags, FLAG.capturing, capturing, leftMs);
      }
    } catch {
      // A main thread that may not wait, as in some embedders.
    }
  }

  function turned(): void {
    if (load(flags, FLAG.exiting) !== 0) store(flags, FLAG.exiting, 0);
  }

  process.on('exit', endCaptures);
  const undos = ENDS.map((name) => runAround(name, endCaptures, turned));
  return {
    turned,
    stop() {
      process.off('exit', endCaptures);
      for (const undo of undos) undo();
    },
  };
}

// `process.exit` and `process.kill` call these members of `process`, which others replace as well (signal-exit, say).
function runAround(name: (typeof ENDS)[number], before: () => void, after: () => void): () => void {
  const property = Object.getOwnPropertyDescriptor(process, name);
  const original: unknown = property?.value;
  if (property?.configurable !== true || typeof original !== 'function') return () => {};
  const { apply } = Reflect;
  const wrapper = {
    [name](this: unknown, ...args: unknown[]): unknown {
      before();
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
