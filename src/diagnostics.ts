// Failures of our own: told to OpenTelemetry's diag logger once per cause, and counted; never thrown into the application.
import { diag } from '@opentelemetry/api';
import { sharedState } from './shared-state.js';

/** Counts a failure inside Loopsight and tells `diag` of the first one of each `cause` (a fixed phrase, not data). */
export function reportFailure(cause: string, error: unknown): void {
  const { failures } = sharedState();
  failures.count++;
  if (failures.causes.has(cause)) return;
  failures.causes.add(cause);
  diag.warn(`loopsight: ${cause}: ${describe(error)}`);
}

function describe(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'an error that cannot be shown';
  }
}
