// Takes captures of the process's threads for whoever needs them, and tells all threads while one is under way.
import { FLAG, type Heartbeat } from '../../observer/heartbeat.js';
import type { Board } from '../../worker-board/memory.js';
import type { RawCapture } from '../loop/capture.js';
import { countCapture } from '../loop/capturing.js';
import { field, LOOP } from '../loop/loop-record.js';
import { interrupt, type Target } from './interrupt.js';

/** Asks a thread for a capture; the answer is undefined where there is none. Returns how to give up. */
export type Capturer = (target: Target, onAnswer: (capture: RawCapture | undefined) => void) => () => void;

export interface CapturerOptions {
  readonly heartbeat: Heartbeat;
  readonly board: Board | undefined;
  /** Whether somebody else's session holds the thread: what is captured then says nothing of it. @default never */
  readonly isHeld?: (target: Target) => boolean;
  /** Told of each answer. */
  readonly onCapture: () => void;
  readonly report: (cause: string, error: unknown) => void;
}

const nothing = (): void => {};

/**
 * A capture that the exit of the process found under way is given up after this time, in milliseconds: the main thread waits
 * for it (exit-guard.ts). Not before, because a worker that is terminated while it answers runs on (interrupt.ts), and the
 * exit would wait for that.
 */
const GIVE_UP_AT_EXIT_MS = 40;
const EXIT_CHECK_MS = 4;

/** Creates a capturer; after a session was refused it asks nobody any more. */
export function createCapturer({ heartbeat, board, isHeld, onCapture, report }: CapturerOptions): Capturer {
  let isRefused = false;

  const isExiting = () => Atomics.load(heartbeat.flags, FLAG.exiting) !== 0;
  // Its user is at work, and a second session would disturb that.
  const hasDebugger = () => field(heartbeat.record, LOOP.debugger) !== 0;

  return (target, onAnswer) => {
    // The process exits: Node would say on standard error that a session is open. Counted first, and looked at then: the
    // main thread does it the other way round, so that one of the two sees the other.
    countCapture(heartbeat, board, 1);
    if (isRefused || isExiting() || hasDebugger() || isHeld?.(target) === true) {
      countCapture(heartbeat, board, -1);
      onAnswer(undefined);
      return nothing;
    }
    let settled = false;
    let exitCheck: NodeJS.Timeout | undefined;
    const settle = (answer: RawCapture | undefined) => {
      if (settled) return;
      settled = true;
      clearInterval(exitCheck);
      countCapture(heartbeat, board, -1);
      onAnswer(answer);
    };
    try {
      const close = interrupt(target, (json) => {
        onCapture();
        settle(parse(json));
      });
      const giveUp = () => {
        close();
        settle(undefined);
      };
      let exitChecks = 0;
      const checkExit = () => {
        if (isExiting()) exitChecks++;
        if (exitChecks * EXIT_CHECK_MS > GIVE_UP_AT_EXIT_MS) giveUp();
      };
      if (!settled) exitCheck = setInterval(checkExit, EXIT_CHECK_MS);
      return giveUp;
    } catch (error) {
      isRefused = true;
      report('stacks cannot be captured', error);
      settle(undefined);
      return nothing;
    }
  };
}

// Whatever a thread in its last moments answers, nothing is thrown: Node would warn of it.
function parse(json: string | undefined): RawCapture | undefined {
  try {
    return json === undefined ? undefined : (JSON.parse(json) as RawCapture);
  } catch {
    return undefined;
  }
}
