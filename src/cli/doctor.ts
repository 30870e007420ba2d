// `loopsight doctor`: starts a program and tells what of Loopsight is active in it, and what cannot work and why.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { collectHere } from '../doctor/collect.js';
import type { DoctorRecord, Part } from '../doctor/record.js';
import { renderRecord } from '../doctor/render.js';
import { parseText } from '../prometheus/parse.js';
import { counted, escapeControls, printable } from '../status/wording.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';
import { authorizationFrom } from './credentials.js';
import { fetchMetrics, metricsUrl } from './fetch-metrics.js';
import { startProgram, type WatchedProgram } from './watched-program.js';

const DEFAULT_WAIT_S = 1;
const MAXIMUM_WAIT_S = 600;
const ENDING_MS = 5000;

const HELP = `Usage: loopsight doctor [options] [-- program arguments...]

Starts the program with loopsight/register and tells what is active in it, from where each setting
came, what was found and replaced, and what cannot work here and why. Then it ends the program.
Without a program it tells of this machine and environment.

Options:
  --wait <seconds>  how long the program runs before it is looked at (default ${DEFAULT_WAIT_S})
  --keep            let the program run on after the report
  --as-is           do not add loopsight/register
  --json            the report as JSON; the program's own output goes to standard error
  -h, --help        this text

Exit code: that of the program where it ended by itself, else 0; 2 wrong usage, 3 nothing was told.

Examples:
  loopsight doctor
  loopsight doctor -- node app.js
  loopsight doctor --wait 10 --keep -- npm start
`;

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const dashes = argv.indexOf('--');
  const { values, positionals } = parseArgs({
    args: dashes === -1 ? [...argv] : argv.slice(0, dashes),
    allowPositionals: true,
    options: {
      wait: { type: 'string' },
      keep: { type: 'boolean', default: false },
      'as-is': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    streams.out(HELP);
    return EXIT_CODES.ok;
  }
  if (positionals.length > 0) throw new UsageError(`Expected \`--\` before "${printable(positionals[0] ?? '')}"`);
  const waitMs = readWait(values.wait) * 1000;
  const command = dashes === -1 ? [] : argv.slice(dashes + 1);
  const show = (record: DoctorRecord) => {
    streams.out(values.json ? `${escapeControls(JSON.stringify(record, undefined, 2))}\n` : renderRecord(record));
  };
  if (command.length === 0) {
    show(collectHere());
    return EXIT_CODES.ok;
  }

  // What ends the command on Ctrl-C would leave the program behind.
  process.removeAllListeners('SIGINT');
  const program = startProgram(command, { waitMs, asIs: values['as-is'], outputToError: values.json });
  const record = await program.record();
  // What tells as it ends has its exit still before it; it may also be only one of several that the program starts.
  if (record?.program?.made === 'ending')
    await Promise.race([program.ended, delay(ENDING_MS, undefined, { ref: false })]);
  const endedByItself = !program.isRunning();
  const pid = record?.program?.made === 'running' ? record.program.pid : undefined;
  try {
    if (record !== undefined) show(await completed(record, program));
  } catch (error) {
    await program.end(pid);
    throw error;
  }
  if (record === undefined && !endedByItself)
    streams.error('The program told nothing in time: its loop is blocked, or it is no Node.\n');
  if (!values.keep) await program.end(pid);
  const outcome = await program.ended;
  if (outcome instanceof Error) {
    streams.error(`The program could not be started: ${printable(outcome.message, 200)}.\n`);
    return EXIT_CODES.unreadable;
  }
  if (record === undefined && endedByItself) {
    streams.error(`The program ended with exit code ${outcome} before it told anything; it may be no Node.\n`);
  }
  if (endedByItself || values.keep) return outcome === 0 && record === undefined ? EXIT_CODES.unreadable : outcome;
  return record === undefined ? EXIT_CODES.unreadable : EXIT_CODES.ok;
}

/** The record with what only this side knows: the user's own NODE_OPTIONS, and whether the endpoint answers. */
async function completed(record: DoctorRecord, program: WatchedProgram): Promise<DoctorRecord> {
  const machine = { ...record.machine, nodeOptions: process.env.NODE_OPTIONS ?? '' };
  if (record.program === undefined) return { ...record, machine };
  const { parts, said } = record.program;
  const tried = await Promise.all(parts.map((part) => (program.isRunning() ? tryEndpoint(part) : part)));
  const added = program.added
    ? [
        'loopsight/register was added by the doctor; without it the program needs NODE_OPTIONS="--import loopsight/register"',
      ]
    : [];
  return { ...record, machine, program: { ...record.program, parts: tried, said: [...said, ...added] } };
}

async function tryEndpoint(part: Part): Promise<Part> {
  const { name, on, detail } = part;
  if (name !== 'endpoint' || !on || detail === undefined) return part;
  try {
    // The program was started with the variables of this one.
    const authorization = authorizationFrom(process.env);
    const { families } = parseText(await fetchMetrics(metricsUrl(detail), { timeoutMs: 2000, authorization }));
    return { ...part, detail: `${detail} answers with ${counted(families.size, 'metric')}` };
  } catch (error) {
    return { ...part, detail: `${detail} does not answer: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function readWait(given: string | undefined): number {
  if (given === undefined) return DEFAULT_WAIT_S;
  const value = /^\d*\.?\d+$/.test(given.trim()) ? Number(given) : Number.NaN;
  if (!(value >= 0 && value <= MAXIMUM_WAIT_S)) {
    throw new UsageError(
      `Expected \`--wait\` to be a number of seconds from 0 to ${MAXIMUM_WAIT_S}, got "${printable(given)}"`,
    );
  }
  return value;
}
