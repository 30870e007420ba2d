// What a thread does for its own stalls: writes its record, can be captured, and says what it is called by the system.
import { readlinkSync } from 'node:fs';
import { installCapture } from './capture.js';
import { LOOP } from './loop-record.js';
import { createTurnWatch, type TurnWatch } from './turn-watch.js';

export interface LoopSideOptions {
  readonly record: Float64Array;
  readonly thresholdMs: number;
  /** Whether stacks may be captured. */
  readonly capture: boolean;
  readonly currentRoute?: (asyncId: number) => string | undefined;
  readonly complete?: (entry: Float64Array, fromMs: number, toMs: number) => void;
}

/** Starts the part of stall detection that runs on the watched thread. */
export function startLoopSide({ record, thresholdMs, capture, currentRoute, complete }: LoopSideOptions): TurnWatch {
  record[LOOP.systemThread] = systemThread();
  const hasDebugger = capture ? debuggerCheck() : undefined;
  const turnWatch = createTurnWatch({
    record,
    thresholdMs,
    ...(hasDebugger === undefined ? {} : { hasDebugger }),
    ...(complete === undefined ? {} : { complete }),
  });
  const uninstall = capture
    ? installCapture({
        ...(hasDebugger === undefined ? {} : { hasDebugger }),
        ...(currentRoute === undefined ? {} : { currentRoute }),
      })
    : () => {};
  return {
    turn: turnWatch.turn,
    stop() {
      turnWatch.stop();
      uninstall();
    },
  };
}

// `PID/task/TID`, on Linux alone.
function systemThread(): number {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? 0);
  } catch {
    return 0;
  }
}

// The inspector's module is loaded at the first turn, when the program runs already.
function debuggerCheck(): () => boolean {
  let url: (() => string | undefined) | undefined;
  return () => {
    url ??= process.getBuiltinModule('node:inspector').url;
    return url() !== undefined;
  };
}
