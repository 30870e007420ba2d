// `loopsight lines`: the lines of the source that the time went to, from a recording or from a process.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { countsFrom, type LineCounts } from '../profile/coverage.js';
import { timeOf } from '../profile/hot.js';
import { FILES_SHOWN, hotLines } from '../profile/lines.js';
import { linesText } from '../profile/lines-text.js';
import type { Profile } from '../profile/profile.js';
import { readCoverage, UnreadableCoverage } from '../profile/read-coverage.js';
import { createSources, type ProfileSources } from '../profile/sources.js';
import { escapeControls, printable } from '../status/wording.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';
import { readPid } from './find-socket.js';
import { readDuration, refuse } from './option-readers.js';

const HELP = `Usage: loopsight lines <recording> [options]
       loopsight lines <pid> [options]

Shows the lines of the source that the time went to, most first by file, each with its own time:
what it called is in the lines of the called functions. The application's own files are shown;
--file shows all lines of another one. A recording is a .cpuprofile, or .json or .pb.gz of
loopsight record; its sources are read from this machine, and must be the ones that ran.

Options:
  --file <part>         only files with this in their path, with all their lines
  --counts              counts how often lines of a process run, meanwhile; it is slower then. V8
                        counts what it compiles from then on; other lines have no number
  --coverage <folder>   shows beside a recording how often lines ran: the folder that the program
                        was given as NODE_V8_COVERAGE, which counts from its start
  --duration <time>     how long a process is looked at, 5s by default
  --root <folder>       the folder of the application, which files are named from
  --json                the lines as JSON
  -h, --help            this text

Exit code: 0 shown, 2 wrong usage or the process cannot be looked into, 3 could not be read,
130 Ctrl-C.

Examples:
  loopsight lines out.cpuprofile
  loopsight lines out.json --file src/shop.ts
  loopsight lines 4711 --duration 10s
`;

const DURATION_S = 5;
const LONGEST_S = 600;

interface LinesArguments {
  readonly file: string | undefined;
  readonly root: string | undefined;
  readonly json: boolean;
}

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      file: { type: 'string' },
      counts: { type: 'boolean', default: false },
      coverage: { type: 'string' },
      duration: { type: 'string' },
      root: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    streams.out(HELP);
    return EXIT_CODES.ok;
  }
  const [given = ''] = positionals;
  if (positionals.length !== 1) throw new UsageError(`Expected one recording or process, got ${positionals.length}`);
  const shown = { file: values.file, root: values.root, json: values.json };
  const isProcess = /^\d+$/.test(given) && !existsSync(given);
  if (!isProcess) {
    const forProcesses = [...(values.counts ? ['counts'] : []), ...(values.duration === undefined ? [] : ['duration'])];
    refuse('a recording', forProcesses);
    return showRecording(given, values.coverage, shown, streams);
  }
  if (values.coverage !== undefined) refuse('a process', ['coverage']);
  const pid = readPid(given);
  const durationS = readDuration('--duration', values.duration, 1, LONGEST_S) ?? DURATION_S;
  const [{ withAttached }, { lookAt }, { rootOf }, { showProgress }] = await Promise.all([
    import('./attached.js'),
    import('./counted-lines.js'),
    import('../attach/root-of.js'),
    import('../record/progress.js'),
  ]);
  return withAttached(pid, streams, async (inspected, signal) => {
    const sources = createSources();
    const root = values.root ?? rootOf(pid);
    const durationMs = durationS * 1000;
    const hide = showProgress(streams.redraw, `Looking at process ${pid}`, durationMs);
    const look = await lookAt(inspected, { durationMs, signal, root, sources, isCounted: values.counts }).finally(hide);
    return show(look.profile, shown, sources, look.counts, streams);
  });
}

async function showRecording(
  file: string,
  coverage: string | undefined,
  shown: LinesArguments,
  streams: CommandStreams,
): Promise<number> {
  const { readProfile, UnreadableProfile } = await import('../profile/read-profile.js');
  try {
    const profile = readProfile(file, shown.root === undefined ? {} : { root: shown.root });
    const sources = createSources();
    const counts =
      coverage === undefined ? undefined : countsFrom(readCoverage(coverage), { sources, fromStart: true });
    return show(profile, shown, sources, counts, streams);
  } catch (error) {
    if (!(error instanceof UnreadableProfile || error instanceof UnreadableCoverage)) throw error;
    streams.error(`${error.message}\n`);
    return EXIT_CODES.unreadable;
  }
}

function show(
  profile: Profile,
  { file, json }: LinesArguments,
  sources: ProfileSources,
  counts: LineCounts | undefined,
  { out, error }: CommandStreams,
): number {
  const found = hotLines(profile, { sources, file, counts, limit: FILES_SHOWN + 1 });
  const files = found.slice(0, FILES_SHOWN);
  const notes = found.length > files.length ? [...profile.notes, MORE_FILES] : profile.notes;
  const { busyUs, idleUs } = timeOf(profile);
  if (json) {
    const { title, pid, nodeVersion } = profile;
    out(`${escapeControls(JSON.stringify({ title, pid, nodeVersion, busyUs, idleUs, files, notes }))}\n`);
    return EXIT_CODES.ok;
  }
  if (files.length === 0) {
    const what =
      file === undefined ? 'No code with a file ran' : `No code ran in a file with "${printable(file)}" in its path`;
    out(`${what} while it was recorded.\n`);
  } else out(linesText(files, { busyUs, counted: counts !== undefined }));
  const hasNone =
    counts !== undefined && files.length > 0 && files.every(({ path }) => (counts.get(path)?.size ?? 0) === 0);
  if (hasNone) error(`Note: ${NOTHING_COUNTED}\n`);
  for (const note of notes) error(`Note: ${printable(note, 300)}\n`);
  return profile.threads.length === 0 ? EXIT_CODES.unreadable : EXIT_CODES.ok;
}

const MORE_FILES = `Time went to more than these ${FILES_SHOWN} files; --file shows others.`;
const NOTHING_COUNTED =
  'None of these lines was counted: V8 had compiled them before. Start the program with NODE_V8_COVERAGE=<folder> to have them counted.';
