// Failures of our own: told to OpenTelemetry's diag logger once per cause, and counted; never thrown into the application.
import { apiGlobal } from './api-global.js';
import { sharedState } from './shared-state.js';

interface Diag {
  readonly diag?: { info(message: string): void; warn(message: string): void };
}

/** Counts a failure inside Loopsight and tells `diag` of the first one of each `cause` (a fixed phrase, not data). */
export function reportFailure(cause: string, error: unknown): void {
  const { failures } = sharedState();
  failures.count++;
  if (failures.causes.has(cause)) return;
  failures.causes.add(cause);
  try {
    apiGlobal<Diag>()?.diag?.warn(`loopsight: ${cause}: ${describe(error)}`);
  } catch {
    // The application's logger failed; the count is what is left.
  }
}

/** Tells `diag` what cannot work here; that is the place's doing and no failure, so it is not counted. */
export function reportObstacle(sentence: string): void {
  try {
    apiGlobal<Diag>()?.diag?.info(`loopsight: ${sentence}`);
  } catch {
    // The application's logger failed.
  }
}

function describe(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'an error that cannot be shown';
  }
}
