// Children of the start script must not outlive it, however it ends.

/** Calls `onGone` once the process that forked this one has ended; does nothing where this one was not forked. */
export function watchParent(onGone: () => void): void {
  if (process.send === undefined) return;
  // It may have ended while this process was still loading.
  if (process.connected) process.once('disconnect', onGone);
  else onGone();
}
