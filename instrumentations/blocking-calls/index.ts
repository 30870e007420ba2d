// Calls that can hold the loop and cannot be looked into: wrapped, so that a stall in one is seen there, and timed.
import { clearTimeout, setTimeout } from 'node:timers';
import type { Monitor, MonitorDefinition } from '../../src/instrumentation.js';
import { functionName } from '../../src/stalls/blame/code-names.js';
import { culpritIndex, readFrames } from '../../src/stalls/blame/frames.js';
import { readCallers } from '../../src/stalls/loop/capture.js';
import {
  type CallTiming,
  type Capturing,
  type LongCall,
  NOT_TIMED,
  withMethodCheckpoint,
  withTiming,
  withUnboundCheckpoint,
} from '../../src/stalls/loop/checkpoint.js';
import type { SeenCall } from '../../src/stalls/loop/recent-calls.js';
import { createCallFigures } from './call-figures.js';
import { METHOD_CALLS, TIMED_CALLS, UNTIMED_CALLS } from './calls.js';
import { createCallWrapping } from './wrapping.js';

/** Calls from this length on are counted; reading the stack for the caller's name is a thousandth of it then. */
export const LONG_CALL_MS = 10;

export interface BlockingCallsOptions {
  /** Not 0 while somebody waits for a capture; without it, wrappers only time. */
  readonly capturing?: Capturing | undefined;
  /** Told of each long call, when it is over. */
  readonly onLongCall?: ((call: SeenCall) => void) | undefined;
}

/** Creates the monitor. */
export function createBlockingCallsMonitor({ capturing, onLongCall }: BlockingCallsOptions = {}): MonitorDefinition {
  return {
    name: 'blocking-calls',
    start({ recorder, clock, report }): Monitor {
      const figures = createCallFigures(recorder);
      const timing: CallTiming = { depth: 0, longMs: LONG_CALL_MS, now: () => clock.monotonicMs(), onLong };
      const flag = capturing ?? new Int32Array(1);
      const untimed = createCallWrapping({
        groups: capturing === undefined ? [] : UNTIMED_CALLS,
        wrap: (original) => withUnboundCheckpoint(original, flag),
        mayLoad: true,
        report,
      });
      const methods = createCallWrapping({
        groups: capturing === undefined ? [] : METHOD_CALLS,
        wrap: (original) => withMethodCheckpoint(original, flag),
        mayLoad: true,
        report,
      });
      const timed = createCallWrapping({
        groups: TIMED_CALLS,
        wrap: (original, label) => withTiming(original, { label, capturing: flag, timing }),
        mayLoad: true,
        report,
      });

      function wrapLoaded(): void {
        // The stack is empty where this is called; a call that was cut off (a vm's timeout does that) is over.
        if (timing.depth !== NOT_TIMED) timing.depth = 0;
        timed.wrapLoaded();
      }

      function onLong({ label, fromMs, toMs, wrapper }: LongCall): void {
        try {
          const raw = readCallers(wrapper);
          const frames = readFrames(raw);
          const caller = functionName(frames[culpritIndex(frames)]?.function ?? '');
          figures.count(label, caller, (toMs - fromMs) / 1000);
          onLongCall?.({ label, fromMs, toMs, frames: raw });
        } catch (error) {
          report('a blocking call could not be told of', error);
        }
      }

      // Modules that are imported are loaded before the first turn, and imports follow what is wrapped later. Those that
      // are loaded while the program runs are found at the next collection.
      const firstTurn = setTimeout(wrapLoaded, 0).unref();
      const offCollect = recorder.onCollect(wrapLoaded);
      return {
        stop() {
          clearTimeout(firstTurn);
          offCollect();
          timing.depth = NOT_TIMED;
          figures.stop();
          timed.stop();
          methods.stop();
          untimed.stop();
        },
      };
    },
  };
}
