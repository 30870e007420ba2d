// Which lines of OpenTelemetry a run of the suite tests; files that import this are run once for each line by the matrix.

/** The lines of OpenTelemetry JS that are supported, as folders below test/neighbours. */
export type OpenTelemetryLine = 'otel2' | 'otel3';

const LINES: readonly OpenTelemetryLine[] = ['otel2', 'otel3'];

/** The line that `LOOPSIGHT_TEST_LINE` names, or both. Throws where it names none. */
export function linesUnderTest(): readonly OpenTelemetryLine[] {
  const asked = process.env.LOOPSIGHT_TEST_LINE;
  if (asked === undefined) return LINES;
  const lines = LINES.filter((line) => line === asked);
  if (lines.length === 0)
    throw new TypeError(`Expected LOOPSIGHT_TEST_LINE to be one of ${LINES.join(', ')}, got ${asked}`);
  return lines;
}
