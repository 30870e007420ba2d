// What is to be done once a promise of the application has settled.
import { types } from 'node:util';

/**
 * Passes `value` on; what `onValue` makes of it where it is a promise, of its value then. A promise that settles as the
 * application's own: a handler on that one would hide a rejection that nobody handles.
 */
export function whenSettled(value: unknown, onValue: (value: unknown) => unknown, onError: () => void): unknown {
  if (!types.isPromise(value)) return onValue(value);
  const passedOn = value.then(onValue, (error: unknown) => {
    onError();
    throw error;
  });
  // Such as a `cancel` of its own.
  for (const key of Object.keys(value)) {
    const own = Object.getOwnPropertyDescriptor(value, key);
    if (own !== undefined) Reflect.defineProperty(passedOn, key, own);
  }
  return passedOn;
}
