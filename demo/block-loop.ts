// Blocks the event loop, for tests of what watches it.

/** Computes on the calling thread for `forMs` milliseconds. */
export function blockLoop(forMs: number): void {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs);
}
