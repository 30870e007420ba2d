// Failures of our own: told to OpenTelemetry's diag logger once per cause, and counted; never thrown into the application.
import { sharedState } from './shared-state.js';

// Where every copy of @opentelemetry/api 1.x keeps what was registered. Read directly, because loading the api to say
// nothing would cost each start of a program a good part of what Loopsight costs it.
const API = Symbol.for('opentelemetry.js.api.1');

interface ApiHolder {
  readonly [API]?: { readonly diag?: { info(message: string): void; warn(message: string): void } };
}

/** Counts a failure inside Loopsight and tells `diag` of the first one of each `cause` (a fixed phrase, not data). */
export function reportFailure(cause: string, error: unknown): void {
  const { failures } = sharedState();
  failures.count++;
  if (failures.causes.has(cause)) return;
  failures.causes.add(cause);
  try {
    (globalThis as ApiHolder)[API]?.diag?.warn(`loopsight: ${cause}: ${describe(error)}`);
  } catch {
    // The application's logger failed; the count is what is left.
  }
}

/** Tells `diag` what cannot work here; that is the place's doing and no failure, so it is not counted. */
export function reportObstacle(sentence: string): void {
  try {
    (globalThis as ApiHolder)[API]?.diag?.info(`loopsight: ${sentence}`);
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
