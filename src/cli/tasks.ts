// `loopsight tasks`: the traced calls that are under way in an instrumented process, also while its loop is blocked.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { TASKS_JSON_PATH, TASKS_PATH, TASKS_WHERE_JSON_PATH, TASKS_WHERE_PATH } from '../dump/routes.js';
import { escapeControls } from '../status/wording.js';
import { askSocket, UnreadableSocket } from './ask-socket.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';
import { findOnlySocket, findSocket, readPid } from './find-socket.js';

const HELP = `Usage: loopsight tasks [<pid>] [options]

Shows the traced calls that are under way in a process, as tasks: the age of each, how much of
it was its own work, others' work and waiting, and the task that made it. It works while the
process is blocked. Odd ones come first: those that never yield, that yield without waiting, and
that are lost, because what made them has ended long ago.
The process must run with loopsight/register, on this machine and as the same user; without an
id it is the only one that does.

Options:
  --where          shows where tasks wait, too: those that begin in the second that this takes;
                   asked twice in a row, the second time takes up to a second longer
  --watch          shows them again every second, until the process ends or Ctrl-C
  --socket <path>  the socket of the process, where it is not in the usual folder
  --json           the tasks as JSON, all in one line
  -h, --help       this text

Exit code: 0 shown, 2 wrong usage, 3 could not be read.

Examples:
  loopsight tasks
  loopsight tasks 4711 --where
  loopsight tasks 4711 --watch --json
`;

const WATCH_MS = 1000;
const NOT_FOUND = 404;
/** Moves to the top of the terminal and clears it. */
const CLEAR = '\u001b[H\u001b[2J';

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      where: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      socket: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    streams.out(HELP);
    return EXIT_CODES.ok;
  }
  const given = positionals.length + (values.socket === undefined ? 0 : 1);
  if (given > 1) throw new UsageError(`Expected the id of one process or --socket, got ${given} of them`);
  const pid = positionals[0] === undefined ? undefined : readPid(positionals[0]);
  if (process.platform === 'win32') {
    streams.error('loopsight tasks does not work on Windows: Node has no sockets there that only one user can open.\n');
    return EXIT_CODES.unreadable;
  }
  try {
    const socket = values.socket ?? (pid === undefined ? await findOnlySocket() : findSocket(pid));
    const [text, json] = values.where ? [TASKS_WHERE_PATH, TASKS_WHERE_JSON_PATH] : [TASKS_PATH, TASKS_JSON_PATH];
    await show(socket, values.json ? json : text, values, streams);
    return EXIT_CODES.ok;
  } catch (error) {
    if (!(error instanceof UnreadableSocket)) throw error;
    streams.error(`${error.status === NOT_FOUND ? NO_TASKS : error.message}\n`);
    return EXIT_CODES.unreadable;
  }
}

const NO_TASKS =
  'The process follows no traced calls: they are switched off there, or its version of Loopsight is older.';

async function show(
  socket: string,
  route: string,
  { watch, json }: { readonly watch: boolean; readonly json: boolean },
  { out, redraw }: CommandStreams,
): Promise<void> {
  const clear = watch && !json && redraw !== undefined ? CLEAR : '';
  const ask = async () => out(clear + safe(await askSocket(socket, route), json));
  await ask();
  while (watch) {
    await delay(WATCH_MS);
    try {
      await ask();
    } catch (error) {
      // What was watched has ended; a process that answers otherwise, or not in time, has not.
      if (error instanceof UnreadableSocket && error.status === undefined && !error.isSilent) return;
      throw error;
    }
  }
}

// A process can name its functions anything, also by what reorders or hides text.
function safe(text: string, json: boolean): string {
  if (json) return `${escapeControls(text.trimEnd())}\n`;
  return text.replace(/[^\n\P{Cc}]|[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu, ' ');
}
