// How long a loop that missed its turn was really held: the arithmetic of one stretch between two turns of our timer.

/** What is known of a stretch; all times in milliseconds. */
export interface Stretch {
  readonly fromMs: number;
  /** When the loop should have turned again. */
  readonly dueMs: number;
  readonly toMs: number;
  /** Time of the stretch that the loop slept. */
  readonly idleMs: number;
  /** Iterations of the loop in the stretch; NaN where Node does not tell. */
  readonly iterations: number;
  /** Share of time that the loop was active before the stretch. */
  readonly utilization: number;
}

/**
 * Length of the uninterrupted part at the end of `stretch`, in milliseconds. It began between `fromMs` and `dueMs`. A loop
 * that slept and then did one thing was held for all its active time; one that did more was busy as before until it was
 * held, so that the sleep which is missing tells when.
 */
export function heldMs({ fromMs, dueMs, toMs, idleMs, iterations, utilization }: Stretch): number {
  const activeMs = Math.max(0, toMs - fromMs - idleMs);
  const certainMs = Math.max(0, toMs - dueMs);
  if (iterations <= 2 || activeMs <= certainMs) return activeMs;
  const sleeping = 1 - utilization;
  // A loop that hardly sleeps leaves no trace of when it was held; what is certain is not too much.
  const turnedForMs = sleeping < 0.05 ? dueMs - fromMs : idleMs / sleeping;
  return Math.min(activeMs, Math.max(certainMs, toMs - fromMs - turnedForMs));
}
