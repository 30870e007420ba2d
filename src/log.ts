// The few lines that an operator needs, on standard error. Everything else goes to OpenTelemetry's diag logger.
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** The descriptor of standard error. */
export const STANDARD_ERROR = 2;

/** How what happens is told of: text for people at a terminal, else JSON for collectors. */
export type LogFormat = 'text' | 'json' | 'off';

/** The format for this process; `isOn` is the option `log`. */
export function logFormat(isOn: boolean): LogFormat {
  if (!isOn) return 'off';
  return isatty(STANDARD_ERROR) ? 'text' : 'json';
}

/** Writes a sentence as a line of ours; never throws. */
export function logLine(sentence: string): void {
  writeLine(`loopsight: ${sentence}`);
}

/** Writes a line as it is, or nothing; never throws. */
export function writeLine(line: string | undefined): void {
  if (line === undefined) return;
  try {
    // Not process.stderr: a broken pipe would be an 'error' event of that stream, which ends the application.
    writeSync(STANDARD_ERROR, `${line}\n`);
  } catch {
    // Standard error may be closed; there is nowhere left to say so.
  }
}
