// A process that is at its end waits for whoever has a session with its inspector: it must not wait for long.
import type { CdpConnection } from '../cdp/connection.js';

/** So long it waits at most, while what was recorded is taken. */
const GRACE_MS = 2000;
const EVENT = 'NodeRuntime.waitingForDisconnect';

/** Has the process tell on `main` when it waits at its end, and `detach` called soon after that. */
export function letExit(main: CdpConnection, detach: () => Promise<void>): void {
  main.on(EVENT, () => void setTimeout(detach, GRACE_MS).unref());
  main.post('NodeRuntime.enable').catch(() => {});
  main.post('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true }).catch(() => {});
}

/** Aborts when `signal` does, and when the process of `main` is at its end. `stop` is for when nobody wants to know any more. */
export function untilExit(
  main: CdpConnection,
  signal: AbortSignal,
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const exiting = new AbortController();
  return { signal: AbortSignal.any([signal, exiting.signal]), stop: main.on(EVENT, () => exiting.abort()) };
}
