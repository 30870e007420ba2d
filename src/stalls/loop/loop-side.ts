// What a thread does for its own stalls: writes its record, can be captured, and says what it is called by the system.
import { readlinkSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { installCapture } from './capture.js';
import { offerHeldTime } from './held-time.js';
import { field, LOOP, TURNS_BEFORE_WATCH } from './loop-record.js';
import { createTurnWatch, type TurnWatch, type TurnWatchOptions } from './turn-watch.js';

export interface LoopSideOptions {
  readonly record: Float64Array;
  readonly thresholdMs: number;
  /** Whether stacks may be captured. */
  readonly capture: boolean;
  readonly currentRoute?: (asyncId: number) => string | undefined;
  readonly complete?: TurnWatchOptions['complete'];
  readonly sampledSleep?: TurnWatchOptions['sampledSleep'];
}

/** Starts the part of stall detection that runs on the watched thread. */
export function startLoopSide(options: LoopSideOptions): TurnWatch {
  const { record, thresholdMs, capture, currentRoute, complete, sampledSleep } = options;
  record[LOOP.systemThread] = systemThread();
  // In a worker, the address of the process's debugger is not known.
  const hasDebugger = isMainThread ? debuggerCheck() : undefined;
  const heldTime = offerHeldTime(
    (nowMs) => turnWatch.heldMs(nowMs),
    () => field(record, LOOP.turns) > TURNS_BEFORE_WATCH,
  );
  const turnWatch: TurnWatch = createTurnWatch({
    record,
    thresholdMs,
    onHeld: heldTime.add,
    ...(hasDebugger === undefined ? {} : { hasDebugger }),
    ...(complete === undefined ? {} : { complete }),
    ...(sampledSleep === undefined ? {} : { sampledSleep }),
  });
  const uninstall = capture
    ? installCapture({
        ...(hasDebugger === undefined ? {} : { hasDebugger }),
        ...(currentRoute === undefined ? {} : { currentRoute }),
      })
    : () => {};
  return {
    turn: turnWatch.turn,
    leave: turnWatch.leave,
    back: turnWatch.back,
    heldMs: turnWatch.heldMs,
    stop() {
      heldTime.stop();
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
    try {
      url ??= process.getBuiltinModule('node:inspector').url;
    } catch {
      // A Node without an inspector.
      url = () => undefined;
    }
    return url() !== undefined;
  };
}
