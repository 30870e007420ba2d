// Waits for what may take as long as a native call of the main thread.
import { setTimeout } from 'node:timers';

/**
 * Waits until `done`, which never rejects: for `ms` at most, or until `signal` says that it is enough. Resolves to whether it
 * is done.
 */
export function isDoneWithin(done: Promise<void>, ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isDone: boolean): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', late);
      resolve(isDone);
    };
    const late = (): void => settle(false);
    const timer = setTimeout(late, ms);
    signal?.addEventListener('abort', late);
    void done.then(() => settle(true));
    if (signal?.aborted === true) late();
  });
}
