#!/usr/bin/env node
// The `loopsight` command.
import { EXIT_CODES } from './command.js';
import { runCommand } from './commands.js';
import { outputFlaw } from './output-flaw.js';

process.stdout.on('error', (error) => {
  const flaw = outputFlaw(error);
  if (flaw === undefined) process.exit(process.exitCode ?? EXIT_CODES.ok);
  process.stderr.write(flaw, () => process.exit(EXIT_CODES.unreadable));
});
process.once('SIGINT', () => process.exit(130));

const { NO_COLOR, TERM } = process.env;
const colour = process.stdout.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';

// A line that is drawn anew is nothing for a file or a pipe.
const terminal = process.stdout.isTTY === true && process.stderr.isTTY === true && TERM !== 'dumb';
const redraw = (line: string) => {
  process.stderr.write(`\r\u001b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
};

runCommand(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  colour,
  redraw: terminal ? redraw : undefined,
}).then((code) => {
  process.exitCode = code;
});
