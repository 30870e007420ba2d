// Asks every thread for its stack, and waits for as long as the system lets a thread answer.
import type { Clock } from '../clock.js';
import type { RawCapture } from '../stalls/loop/capture.js';
import { field, LOOP } from '../stalls/loop/loop-record.js';
import type { Capturer } from '../stalls/watch/capturer.js';
import type { WatchedThread } from '../stalls/watch/ongoing.js';
import { watchScheduler } from '../stalls/watch/scheduler.js';
import type { NoStack } from './dump.js';

/** A thread that runs for this long without an answer, or sleeps, is in a native call. */
const ANSWER_MS = 100;
/** One that wants to run and gets no processor is waited for longer. */
const STARVED_MS = 2000;
/** Workers that are asked at the same time; the main thread relays to them. */
const LANES = 4;
/** A loop that is held and shows no stack is seen between two microtasks; it is asked again this often at the most. */
const ATTEMPTS = 30;

/** A thread, and whether its loop is held. */
export interface AskedThread extends WatchedThread {
  readonly isHeld: boolean;
}

/** The stack of each thread, in their order, or why there is none. The main thread is the first. */
export async function askThreads(
  [main, ...workers]: readonly AskedThread[],
  capture: Capturer | undefined,
  clock: Clock,
): Promise<(RawCapture | NoStack)[]> {
  if (main === undefined) return [];
  if (capture === undefined) return ['off', ...workers.map(() => 'off' as const)];
  // The main thread relays: while it does not answer, no worker can.
  const first = await askPatiently(capture, main, clock);
  if (first === 'answer') return [first, ...workers.map(() => 'relay' as const)];
  const seen: (RawCapture | NoStack)[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < workers.length; index = next++) {
      const worker = workers[index];
      if (worker !== undefined) seen[index] = await askPatiently(capture, worker, clock);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return [first, ...seen];
}

async function askPatiently(capture: Capturer, thread: AskedThread, clock: Clock): Promise<RawCapture | NoStack> {
  let seen = await ask(capture, thread, clock);
  for (let attempt = 1; thread.isHeld && attempt < ATTEMPTS; attempt++) {
    if (typeof seen === 'string' || seen.frames.length > 0) break;
    seen = await ask(capture, thread, clock);
  }
  return seen;
}

function ask(capture: Capturer, { target, record }: AskedThread, clock: Clock): Promise<RawCapture | NoStack> {
  return new Promise((resolve) => {
    const startMs = clock.monotonicMs();
    const scheduler = watchScheduler(field(record, LOOP.systemThread));
    scheduler.sample(startMs, false);
    let ranMs = 0;
    let giveUp = () => {};
    let timer = setTimeout(check, ANSWER_MS);

    function check(): void {
      const nowMs = clock.monotonicMs();
      const sample = scheduler.sample(nowMs, true);
      ranMs += sample?.cpuMs ?? 0;
      const isStarved = sample?.state === 'R' && ranMs < ANSWER_MS / 2;
      if (isStarved && nowMs - startMs < STARVED_MS) timer = setTimeout(check, ANSWER_MS);
      else {
        resolve('answer');
        giveUp();
      }
    }

    giveUp = capture(target, (answer) => {
      clearTimeout(timer);
      resolve(answer ?? (target === 'main' ? 'off' : 'loaded'));
    });
  });
}
