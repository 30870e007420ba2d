// `loopsight diff`: where the time went in one recording that it did not in another, as a table and as a flame graph.
import { parseArgs } from 'node:util';
import type { Profile } from '../profile/profile.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';

const HELP = `Usage: loopsight diff <before> <after> [options]

Shows what changed between two recordings, of two versions of a program, say: functions by how much
more or less of the time they took. Shares are of all time that was not idle, so the recordings need
not be equally long; how much there was to do shows in neither. Recordings are .cpuprofile, and
.json or .pb.gz of loopsight record. A function is the same one where name and file are.

Options:
  -o, --output <file>  writes a differential flame graph as one HTML file: red is dearer, blue
                       cheaper, striped what only one of the two has
  --by <time>          self: own time (the default); total: with what it called
  --top <number>       how many functions are shown of each kind, 15 by default
  --root <folder>      the folder of the application, which files are named from, where they are
                       not the same in both: by default the one that each recording is of
  --json               the differences of all functions as JSON
  -h, --help           this text

Exit code: 0 shown, 2 wrong usage, 3 could not be read or written.

Examples:
  loopsight diff before.cpuprofile after.cpuprofile
  loopsight diff v1.json v2.json -o diff.html
  loopsight diff v1.pb.gz v2.pb.gz --by total --top 5
`;

const TOP = 15;
const MOST = 10_000;

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o' },
      by: { type: 'string', default: 'self' },
      top: { type: 'string' },
      root: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    streams.out(HELP);
    return EXIT_CODES.ok;
  }
  const [before, after] = positionals;
  if (before === undefined || after === undefined || positionals.length > 2) {
    throw new UsageError(`Expected two recordings, got ${positionals.length}`);
  }
  const shown = { by: readBy(values.by), top: readTop(values.top), colour: streams.colour };

  const { readProfile, UnreadableProfile } = await import('../profile/read-profile.js');
  const options = values.root === undefined ? {} : { root: values.root };
  let profiles: readonly [Profile, Profile];
  try {
    profiles = [readProfile(before, options), readProfile(after, options)];
  } catch (error) {
    if (!(error instanceof UnreadableProfile)) throw error;
    streams.error(`${error.message}\n`);
    return EXIT_CODES.unreadable;
  }
  if (values.output !== undefined && !(await writePage(values.output, profiles, streams))) return EXIT_CODES.unreadable;
  await show(profiles, values.json, shown, streams);
  return EXIT_CODES.ok;
}

function readBy(by: string): 'self' | 'total' {
  if (by === 'self' || by === 'total') return by;
  throw new UsageError(`Expected --by to be self or total, got "${by}"`);
}

function readTop(text: string | undefined): number {
  if (text === undefined) return TOP;
  const top = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (top >= 1 && top <= MOST) return top;
  throw new UsageError(`Expected --top to be a whole number from 1 to ${MOST}, got "${text}"`);
}

async function show(
  [before, after]: readonly [Profile, Profile],
  isJson: boolean,
  shown: { readonly by: 'self' | 'total'; readonly top: number; readonly colour: boolean },
  { out }: CommandStreams,
): Promise<void> {
  const [{ diff }, { diffText }, { escapeControls }] = await Promise.all([
    import('../profile/diff.js'),
    import('../profile/diff-text.js'),
    import('../status/wording.js'),
  ]);
  const difference = diff(before, after);
  if (!isJson) {
    out(diffText(difference, shown));
    return;
  }
  const { nodes: _, ...facts } = difference;
  out(`${escapeControls(JSON.stringify(facts))}\n`);
}

async function writePage(
  file: string,
  [before, after]: readonly [Profile, Profile],
  { error }: CommandStreams,
): Promise<boolean> {
  const [{ diffPage }, { dirname, basename, resolve }, { writeFiles, UnwritableFolder }] = await Promise.all([
    import('../profile/flame/flame-page.js'),
    import('node:path'),
    import('./write-files.js'),
  ]);
  try {
    writeFiles(dirname(resolve(file)), new Map([[basename(file), diffPage(before, after)]]));
    return true;
  } catch (unwritable) {
    if (!(unwritable instanceof UnwritableFolder)) throw unwritable;
    error(`${unwritable.message}\n`);
    return false;
  }
}
