// What worker threads get of it: wrappers that only look at a number, around what the thread has loaded.
import {
  type Capturing,
  withCheckpoint,
  withMethodCheckpoint,
  withUnboundCheckpoint,
} from '../../src/stalls/loop/checkpoint.js';
import { METHOD_CALLS, PARSE_CALLS, TIMED_CALLS, UNTIMED_CALLS } from './calls.js';
import { type CallWrapping, createCallWrapping } from './wrapping.js';

/** Wraps the calls of the calling thread. Never throws. */
export function wrapCallsInWorker(capturing: Capturing): CallWrapping {
  const shared = { mayLoad: false, report() {} };
  const engine = createCallWrapping({
    ...shared,
    groups: [...PARSE_CALLS, ...UNTIMED_CALLS],
    wrap: (original) => withUnboundCheckpoint(original, capturing),
  });
  const methods = createCallWrapping({
    ...shared,
    groups: METHOD_CALLS,
    wrap: (original) => withMethodCheckpoint(original, capturing),
  });
  const modules = createCallWrapping({
    ...shared,
    groups: TIMED_CALLS,
    wrap: (original) => withCheckpoint(original, capturing),
  });
  return {
    wrapLoaded: modules.wrapLoaded,
    stop() {
      modules.stop();
      methods.stop();
      engine.stop();
    },
  };
}
