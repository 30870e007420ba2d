// What is ours inside a call of the application: what it throws is counted and kept from the application.
import { sharedState } from '../../src/shared-state.js';

/** Calls `act` with `args`, so that a call for every command needs no closure; undefined where it threw. */
export function quietly<A extends readonly unknown[], T>(act: (...args: A) => T, ...args: A): T | undefined {
  try {
    return act(...args);
  } catch {
    // The library is not what it was taken for.
    sharedState().failures.count++;
    return undefined;
  }
}
