// Writes to standard output and standard error: synchronous where that is a file or a terminal. The streams are made when the
// application asks for them first, so they are found by their getters, and not made for us.
import type { Monitor } from '../../src/instrumentation.js';
import { replaceAccessor, undoAll } from '../../src/loading/replace.js';
import type { AnyFunction } from '../../src/stalls/loop/checkpoint.js';
import { STDIO_LABELS } from './call-totals.js';

/** What a stream calls to write a chunk, or several; nobody replaces these, as many do with `write`. */
const METHODS = ['_write', '_writev'] as const;

export interface StdioWritesOptions {
  readonly wrap: (original: AnyFunction, label: string) => AnyFunction;
  readonly report: (cause: string, error: unknown) => void;
}

/** Wraps the writes of both streams from their next use on. */
export function watchStdioWrites({ wrap, report }: StdioWritesOptions): Monitor {
  const undos: (() => void)[] = [];
  const found = new WeakSet<object>();
  let stopped = false;

  function wrapWrites(stream: unknown, label: string): void {
    if (stopped || typeof stream !== 'object' || stream === null || found.has(stream)) return;
    found.add(stream);
    for (const method of METHODS) {
      const original: unknown = Reflect.get(stream, method);
      const own = Object.getOwnPropertyDescriptor(stream, method);
      if (typeof original !== 'function') continue;
      const value = wrap(original as AnyFunction, label);
      if (!Reflect.defineProperty(stream, method, { value, configurable: true, writable: true })) continue;
      undos.push(() => {
        if (Reflect.get(stream, method) !== value) return;
        if (own === undefined) Reflect.deleteProperty(stream, method);
        else Object.defineProperty(stream, method, own);
      });
    }
  }

  for (const [name, label] of Object.entries(STDIO_LABELS)) {
    // Somebody else may have put a stream of theirs there.
    if (typeof Object.getOwnPropertyDescriptor(process, name)?.get !== 'function') continue;
    try {
      const undo = replaceAccessor(process, name, 'get', (original) => {
        return function (this: unknown) {
          const stream: unknown = Reflect.apply(original, this, []);
          try {
            wrapWrites(stream, label);
          } catch (error) {
            report('writes to a standard stream could not be wrapped', error);
          }
          return stream;
        };
      });
      undos.push(undo);
    } catch (error) {
      report('a standard stream could not be watched', error);
    }
  }
  return {
    stop() {
      stopped = true;
      undoAll(undos.splice(0));
    },
  };
}
