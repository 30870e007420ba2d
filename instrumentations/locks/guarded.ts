// What we do within the application's own calls of a lock, which must not notice when it fails.
import { reportFailure } from '../../src/diagnostics.js';

/** Does `work`; undefined where it throws, which `diag` is told of once. */
export function guarded<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    reportFailure('the use of a lock could not be followed', error);
    return undefined;
  }
}
