// What keeps a loop turning asks for its next turn: stacks of `setImmediate`, looked at while the loop spins. A capture would
// hardly ever meet that code, because a turn with nothing to do spends its time between two callbacks.
import { createHook } from 'node:async_hooks';
import timers from 'node:timers';
import { readCallers } from './capture.js';
import type { RawFrame } from './raw-frame.js';
import { readNote, writeNote } from './shared-note.js';

// As it is now: tests put timers of their own in its place.
const { setImmediate } = timers;
/** Requests that are looked at: the application may ask for turns elsewhere too, and the most frequent stack counts. */
const REQUESTS = 16;
/** Of each stack; fewer where their names are too long. */
const FRAMES = 16;

interface TurnNote {
  readonly spinningSinceMs: number;
  readonly frames: readonly RawFrame[];
}

/** A look at who asks for the loop's next turns. */
export interface TurnRequests {
  /** Begins to look. */
  begin(spinningSinceMs: number): void;
  /** Ends the look, if it has not ended by itself. */
  end(): void;
}

/** Creates what looks at the requests, and notes the most frequent stack in `memory`. */
export function createTurnRequests(memory: Buffer): TurnRequests {
  let sinceMs = 0;
  let stacks: RawFrame[][] = [];
  let isLooking = false;
  const hook = createHook({ init });

  // What is thrown in here would end the process.
  function init(_asyncId: number, type: string): void {
    if (!isLooking || type !== 'Immediate') return;
    try {
      stacks.push(readCallers(init).slice(0, FRAMES));
      if (stacks.length < REQUESTS) return;
      finish();
      note(mostFrequent(stacks));
    } catch {
      finish();
    }
  }

  // A hook that is disabled within a hook leaves every promise dearer for good: Node then keeps its own hooks on them.
  function finish(): void {
    isLooking = false;
    setImmediate(() => {
      if (!isLooking) hook.disable();
    }).unref();
  }

  function note(most: readonly RawFrame[]): void {
    for (let frames = FRAMES; frames > 0; frames >>= 1) {
      if (writeNote(memory, { spinningSinceMs: sinceMs, frames: most.slice(0, frames) } satisfies TurnNote)) return;
    }
  }

  return {
    begin(spinningSinceMs) {
      sinceMs = spinningSinceMs;
      stacks = [];
      isLooking = true;
      hook.enable();
    },
    end() {
      isLooking = false;
      hook.disable();
      stacks = [];
    },
  };
}

function mostFrequent(stacks: readonly RawFrame[][]): readonly RawFrame[] {
  const times = new Map<string, number>();
  let most: readonly RawFrame[] = [];
  let mostTimes = 0;
  for (const stack of stacks) {
    const key = JSON.stringify(stack);
    const seen = (times.get(key) ?? 0) + 1;
    times.set(key, seen);
    if (seen > mostTimes) {
      mostTimes = seen;
      most = stack;
    }
  }
  return most;
}

/** The stack that asks for the next turns of a loop that has been spinning since then; undefined while it is not known. */
export function readTurnNote(memory: Buffer, spinningSinceMs: number): readonly RawFrame[] | undefined {
  const note = readNote<TurnNote>(memory);
  return note?.spinningSinceMs === spinningSinceMs ? note.frames : undefined;
}
