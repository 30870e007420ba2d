// Stacks as lines of text, as Node writes them.
import type { CodePlace } from '../blame/stall-report.js';

/** One line for each frame, without a line feed; names cannot break it. */
export function stackLines(stack: readonly CodePlace[]): string[] {
  return stack.map(({ function: name, file, line, column }) => {
    const place = file !== '' && line > 0 ? `${file}:${line}:${column}` : file;
    return printable(`    at ${name}${place === '' ? '' : ` (${place})`}`);
  });
}

/** Text without what would break a line or reach a terminal's controls. */
export function printable(line: string): string {
  return line.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
