// What is to be done once a promise of the application has settled.
import { types } from 'node:util';

/**
 * Passes `value` on; what `onValue` makes of it where it is a promise, of its value then. A promise that settles as the
 * application's own: a handler on that one would hide a rejection that nobody handles.
 */
export function whenSettled(value: unknown, onValue: (value: unknown) => unknown, onError: () => void): unknown {
  if (!types.isPromise(value)) return onValue(value);
  return value.then(onValue, (error: unknown) => {
    onError();
    throw error;
  });
}
