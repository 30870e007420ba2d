// When a response is over, whoever asks: one listener for each response.
import { reportFailure } from '../../src/diagnostics.js';

interface Response {
  readonly writableEnded?: unknown;
  readonly destroyed?: unknown;
  once?(event: string, listener: () => void): unknown;
}

const waiting = new WeakMap<object, Set<() => void>>();

/** Calls `ended` when the response (a `ServerResponse`) was ended or its connection is gone; at once where it was. */
export function onResponseEnd(response: unknown, ended: () => void): void {
  const known: Response = Object(response);
  if (known.writableEnded === true || known.destroyed === true || typeof known.once !== 'function') {
    ended();
    return;
  }
  const asked = waiting.get(known);
  if (asked !== undefined) {
    asked.add(ended);
    return;
  }
  const all = new Set([ended]);
  waiting.set(known, all);
  const tellAll = () => {
    for (const one of all) one();
    all.clear();
  };
  try {
    known.once('finish', tellAll);
    known.once('close', tellAll);
  } catch (error) {
    reportFailure('the end of a response could not be waited for', error);
    tellAll();
  }
}
