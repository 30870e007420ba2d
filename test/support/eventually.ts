// Waiting for something that nobody announces: asks again and again, and gives up.
import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 60_000;

/** Asks again until the answer is the one that is waited for; rejects with the last one when that takes too long. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  isIt: (answer: T) => boolean,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (isIt(answer)) return answer;
    if (performance.now() > endMs) throw new Error(`Waited in vain, the last answer was ${JSON.stringify(answer)}`);
    await delay(25);
  }
}
