// Listens for the end of a signal: one of the web, or any emitter of `abort`, which some libraries take as well.
import { EventEmitter } from 'node:events';

interface Listening {
  readonly callbacks: Set<() => void>;
  /** Takes the listener off the signal. */
  readonly stop: () => void;
}

const listening = new WeakMap<object, Listening>();

/**
 * Calls `callback` when `signal` is aborted; returns the undo, undefined for what is no signal. Never throws. All callbacks of a signal
 * share one listener, because Node looks through all of them when one is added or removed. It goes with the last callback:
 * a signal that is made of others is not collected while it has a listener.
 */
export function whenAborted(signal: unknown, callback: () => void): (() => void) | undefined {
  if (!(signal instanceof EventTarget || signal instanceof EventEmitter)) return undefined;
  const known = listening.get(signal) ?? listen(signal);
  if (known === undefined) return undefined;
  const { callbacks, stop } = known;
  callbacks.add(callback);
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return;
    listening.delete(signal);
    stop();
  };
}

function listen(signal: EventTarget | EventEmitter): Listening | undefined {
  const callbacks = new Set<() => void>();
  const listener = () => {
    listening.delete(signal);
    for (const call of [...callbacks]) call();
  };
  try {
    const stop = addListener(signal, listener);
    listening.set(signal, { callbacks, stop });
  } catch {
    // A class of the application may do anything.
  }
  return listening.get(signal);
}

function addListener(signal: EventTarget | EventEmitter, listener: () => void): () => void {
  if (signal instanceof EventTarget) {
    signal.addEventListener('abort', listener, { once: true });
    return () => signal.removeEventListener('abort', listener);
  }
  signal.once('abort', listener);
  return () => void signal.off('abort', listener);
}
