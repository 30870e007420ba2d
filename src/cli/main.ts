#!/usr/bin/env node
// The `loopsight` command.
import { runCommand } from './commands.js';

// A reader that went away (`| head`) is no error of ours.
process.stdout.on('error', () => process.exit(0));
process.once('SIGINT', () => process.exit(130));

const { NO_COLOR, TERM } = process.env;
const colour = process.stdout.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';

runCommand(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  colour,
}).then((code) => {
  process.exitCode = code;
});
