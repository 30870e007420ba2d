// What is ours inside a call of the application: what it throws is counted and kept from the application.
import { sharedState } from '../../src/shared-state.js';

/** Runs `act`; undefined where it threw. */
export function quietly<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    // The library is not what it was taken for.
    sharedState().failures.count++;
    return undefined;
  }
}
