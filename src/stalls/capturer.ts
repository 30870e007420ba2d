// Takes captures of the process's threads for whoever needs them, and tells all threads while one is under way.
import { FLAG, type Heartbeat } from '../observer/heartbeat.js';
import { type Board, HEAD } from '../worker-board/memory.js';
import type { RawCapture } from './capture.js';
import { interrupt, type Target } from './interrupt.js';

/** Asks a thread for a capture; the answer is undefined where there is none. Returns how to give up. */
export type Capturer = (target: Target, onAnswer: (capture: RawCapture | undefined) => void) => () => void;

export interface CapturerOptions {
  readonly heartbeat: Heartbeat;
  readonly board: Board | undefined;
  /** Told of each answer. */
  readonly onCapture: () => void;
  readonly report: (cause: string, error: unknown) => void;
}

const nothing = (): void => {};

/** Creates a capturer; after a session was refused it asks nobody any more. */
export function createCapturer({ heartbeat, board, onCapture, report }: CapturerOptions): Capturer {
  let isRefused = false;

  function setCapturing(by: 1 | -1): void {
    Atomics.add(heartbeat.flags, FLAG.capturing, by);
    if (by === -1) Atomics.notify(heartbeat.flags, FLAG.capturing);
    if (board !== undefined) Atomics.add(board.ints, HEAD.capturing, by);
  }

  return (target, onAnswer) => {
    // The process exits: a session that is open then would hold it up, and say so on standard error.
    if (isRefused || Atomics.load(heartbeat.flags, FLAG.exiting) !== 0) {
      onAnswer(undefined);
      return nothing;
    }
    setCapturing(1);
    let settled = false;
    const settle = (answer: RawCapture | undefined) => {
      if (settled) return;
      settled = true;
      setCapturing(-1);
      onAnswer(answer);
    };
    try {
      const close = interrupt(target, (json) => {
        onCapture();
        settle(json === undefined ? undefined : (JSON.parse(json) as RawCapture));
      });
      return () => {
        close();
        settle(undefined);
      };
    } catch (error) {
      isRefused = true;
      report('stacks cannot be captured', error);
      settle(undefined);
      return nothing;
    }
  };
}
