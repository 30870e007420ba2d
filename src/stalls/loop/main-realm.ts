// The global object of the main realm: test runners such as Jest run code among globals of its own, where nobody looks.
import { setTimeout } from 'node:timers';
import { runInThisContext } from 'node:vm';

/** The global object that the inspector sees. Never throws. */
export function mainGlobal(): object {
  // What Node's own functions inherit from is of the main realm.
  if (Object.getPrototypeOf(setTimeout) === Function.prototype) return globalThis;
  try {
    return runInThisContext('globalThis') as object;
  } catch {
    return globalThis;
  }
}
