// `loopsight record`: what the threads of a process do for a while, or a program from its first line, as a profile.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { untilExit } from '../attach/let-exit.js';
import { recordWindow } from '../attach/record-window.js';
import { rootOf } from '../attach/root-of.js';
import { FORMATS, formatFor } from '../profile/formats.js';
import { profileFrom } from '../profile/from-v8.js';
import type { V8Recording } from '../profile/v8-profile.js';
import { finishHeld } from '../record/finish-held.js';
import { outputFile, UnwritableFile } from '../record/output-file.js';
import { showProgress } from '../record/progress.js';
import { recordProgram } from '../record/record-program.js';
import { recordedText, renderRecording } from '../record/render.js';
import { printable } from '../status/wording.js';
import { withAttached } from './attached.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';
import { readPid } from './find-socket.js';
import { asUsage, readDuration } from './option-readers.js';
import { packageRoot } from './package-root.js';

const DEFAULT_DURATION_S = 10;
const MAXIMUM_DURATION_S = 600;
const DEFAULT_INTERVAL_US = 1000;
/** A process hands over its samples in one piece, and does nothing else meanwhile. */
const MOST_SAMPLES = 600_000;

const HELP = `Usage: loopsight record <pid> [options]
       loopsight record [options] -- <program> [arguments]

Records what every thread of a process does, as a profile: which functions take the time.
The process may be any Node on this machine, of the same user; it goes on meanwhile. With
a program after --, that program is started and recorded from its first line to its end,
with its workers and every Node that it starts.

Options:
  -o, --output <file>        where to write; its name says the format. Without it the
                             functions with the most time are shown
  --format <name>            ${FORMATS.slice(0, 5)
    .map(({ name }) => name)
    .join(', ')},
                             ${FORMATS.slice(5)
                               .map(({ name }) => name)
                               .join(', ')}, whatever the file is called
  --duration <duration>      how long, 1s to ${MAXIMUM_DURATION_S / 60}m (default ${DEFAULT_DURATION_S}s); a program is ended after it
                             (default: until it ends by itself)
  --threads <all|main>       which threads (default all)
  --sample-interval <time>   how far apart samples are, 50us to 1000ms (default 1ms); of each
                             thread of a process at most ${MOST_SAMPLES.toLocaleString('en-US')} are taken
  -h, --help                 this text

A file that is there is replaced, once the new one is complete. Ctrl-C ends the recording
of a process early, and what there is by then is written. A program gets the signals that
the command gets, after what it did was written.

Exit code: 0 recorded, 2 wrong usage or the process cannot be looked into, 3 nothing could
be recorded or written; of a program, its own, unless that is 0 and nothing was recorded.

Examples:
  loopsight record 4711 --duration 30s -o profile.html
  loopsight record 4711 -o profile.cpuprofile --threads main
  loopsight record -o profile.html -- node app.js
`;

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const dashes = argv.indexOf('--');
  const { values, positionals } = parseArgs({
    args: dashes === -1 ? [...argv] : argv.slice(0, dashes),
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o' },
      format: { type: 'string' },
      duration: { type: 'string' },
      threads: { type: 'string', default: 'all' },
      'sample-interval': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    streams.out(HELP);
    return EXIT_CODES.ok;
  }
  const command = dashes === -1 ? undefined : argv.slice(dashes + 1);
  const asked = command === undefined ? positionals.length === 1 : positionals.length === 0 && command.length > 0;
  if (!asked) throw new UsageError('Expected the id of one process, or `--` and a program');
  const durationS = readDuration('--duration', values.duration, 1, MAXIMUM_DURATION_S);
  const intervalUs = readInterval(values['sample-interval']);
  if (command === undefined && ((durationS ?? DEFAULT_DURATION_S) * 1e6) / intervalUs > MOST_SAMPLES) {
    throw new UsageError(`Expected at most ${MOST_SAMPLES.toLocaleString('en-US')} samples of a thread: ${FEWER}`);
  }
  const threads = readThreads(values.threads);
  if (values.output === undefined && values.format !== undefined) {
    throw new UsageError('`--format` needs a file: `--output`');
  }
  const { output } = values;
  const format = output === undefined ? undefined : asUsage(() => formatFor(output, values.format));
  try {
    // Said before the time is spent.
    const file = output === undefined ? undefined : outputFile(output);
    const show = (recording: V8Recording, title: string, root: string) => {
      const profile = profileFrom(recording, { title, root });
      for (const note of profile.notes) streams.error(`${printable(note, 300)}\n`);
      if (file === undefined || format === undefined) streams.out(renderRecording(profile));
      else {
        file.write(format.write(profile));
        streams.error(`${file.shown}: ${recordedText(profile)}\n`);
      }
    };
    const settings = { intervalUs, threads, show };
    return command === undefined
      ? await recordProcess(readPid(positionals[0] ?? ''), durationS ?? DEFAULT_DURATION_S, settings, streams)
      : await runRecorded(command, durationS, settings, streams);
  } catch (error) {
    if (!(error instanceof UnwritableFile)) throw error;
    streams.error(`${error.message}\n`);
    return EXIT_CODES.unreadable;
  }
}

const FEWER = 'a shorter `--duration`, or a longer `--sample-interval`';

interface RecordSettings {
  readonly intervalUs: number;
  readonly threads: 'main' | 'all';
  readonly show: (recording: V8Recording, title: string, root: string) => void;
}

async function recordProcess(
  pid: number,
  durationS: number,
  { intervalUs, threads, show }: RecordSettings,
  streams: CommandStreams,
): Promise<number> {
  const root = rootOf(pid);
  let taken: { readonly recording: V8Recording; readonly title: string } | undefined;
  const code = await withAttached(pid, streams, async (inspected, signal) => {
    const durationMs = durationS * 1000;
    const hide = showProgress(streams.redraw, `Recording process ${pid}`, durationMs);
    const [main] = await inspected.threads();
    const exit = main === undefined ? undefined : untilExit(main.connection, signal);
    try {
      const until = exit?.signal ?? signal;
      const recording = await recordWindow(inspected, { durationMs, intervalUs, threads, signal: until });
      if (recording.threads.length > 0) taken = { recording, title: inspected.title };
      else for (const note of recording.notes) streams.error(`${printable(note, 300)}\n`);
      return taken === undefined ? EXIT_CODES.unreadable : EXIT_CODES.ok;
    } finally {
      exit?.stop();
      hide();
    }
  });
  // The process has been let go of by now, which reading source maps need not wait for.
  if (taken !== undefined) show(taken.recording, taken.title, root);
  // Ctrl-C is how a recording is ended whose end nobody knew.
  return taken !== undefined && code === INTERRUPTED ? EXIT_CODES.ok : code;
}

const INTERRUPTED = 130;

async function runRecorded(
  command: readonly string[],
  durationS: number | undefined,
  { intervalUs, threads, show }: RecordSettings,
  streams: CommandStreams,
): Promise<number> {
  // The program may delete it.
  const root = workingFolder();
  const preload = join(packageRoot(), 'dist/cjs/src/record/in-program.js');
  const durationMs = durationS === undefined ? undefined : durationS * 1000;
  const { code, isTimeUp, recording, title } = await recordProgram(command, {
    ...{ intervalUs, threads, preload, durationMs, finishHeld },
  });
  if (code instanceof Error) {
    streams.error(`The program could not be started: ${printable(code.message, 200)}.\n`);
    return EXIT_CODES.unreadable;
  }
  if (recording === undefined) {
    streams.error(
      `Nothing was recorded: the program ended with exit code ${code}; it is no Node, or may not write files (--permission).\n`,
    );
    return code === 0 || isTimeUp ? EXIT_CODES.unreadable : code;
  }
  show(recording, title, root);
  return isTimeUp ? EXIT_CODES.ok : code;
}

// That of the command can have been deleted.
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}

function readThreads(given: string): 'main' | 'all' {
  if (given === 'main' || given === 'all') return given;
  throw new UsageError(`Expected \`--threads\` to be all or main, got "${printable(given)}"`);
}

function readInterval(given: string | undefined): number {
  if (given === undefined) return DEFAULT_INTERVAL_US;
  const [, number = '', unit] = /^(\d+(?:\.\d+)?)(us|ms)$/.exec(given.trim()) ?? [];
  const us = Math.round(Number(number) * (unit === 'ms' ? 1000 : 1));
  if (number !== '' && us >= 50 && us <= 1e6) return us;
  throw new UsageError(
    `Expected \`--sample-interval\` to be a time such as 500us or 5ms, from 50us to 1000ms, got "${printable(given)}"`,
  );
}
