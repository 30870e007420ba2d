// The few lines that an operator needs, on standard error. Everything else goes to OpenTelemetry's diag logger.

/** Writes one line; never throws. */
export function logLine(sentence: string): void {
  try {
    process.stderr.write(`loopsight: ${sentence}\n`);
  } catch {
    // Standard error may be closed; there is nowhere left to say so.
  }
}
