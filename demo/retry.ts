// Further attempts after a failure, with exponential back-off and full jitter.
import { setTimeout as wait } from 'node:timers/promises';

export interface RetryOptions {
  readonly attempts: number;
  /** Upper bound of the first pause; it doubles with each attempt. */
  readonly backOffMs: number;
  /** Uniform from 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/** The result of the first attempt that succeeds; rejects with what the last one threw. */
export async function retry<T>(
  attempt: () => Promise<T>,
  { attempts, backOffMs, random = Math.random }: RetryOptions,
): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await attempt();
    } catch (error) {
      if (number >= attempts) throw error;
      await wait(random() * backOffMs * 2 ** (number - 1));
    }
  }
}
