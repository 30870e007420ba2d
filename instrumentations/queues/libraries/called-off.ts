// How a task that never runs ends: refused at once, or called off while it waits.
import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';

/** Whether a promise is rejected right now; nobody is told, so that it stays unhandled where it was. */
export function isRejected(promise: unknown): boolean {
  return inspect(promise, { customInspect: false, depth: 0 }).includes('<rejected>');
}

/** Listens for the end of a signal: one of the web, or any emitter of `abort`, which the libraries take as well. */
export function onAbort(signal: unknown, listener: () => void): (() => void) | undefined {
  if (signal instanceof EventTarget) {
    signal.addEventListener('abort', listener, { once: true });
    return () => signal.removeEventListener('abort', listener);
  }
  if (!(signal instanceof EventEmitter)) return undefined;
  signal.once('abort', listener);
  return () => signal.off('abort', listener);
}
