// The few lines that an operator needs, on standard error. Everything else goes to OpenTelemetry's diag logger.
import { writeSync } from 'node:fs';

/** The descriptor of standard error. */
export const STANDARD_ERROR = 2;

/** Writes one line; never throws. */
export function logLine(sentence: string): void {
  try {
    // Not process.stderr: a broken pipe would be an 'error' event of that stream, which ends the application.
    writeSync(STANDARD_ERROR, `loopsight: ${sentence}\n`);
  } catch {
    // Standard error may be closed; there is nowhere left to say so.
  }
}
