// `loopsight dump`: the stacks of all threads of an instrumented process, also while its loops are blocked.
import { parseArgs } from 'node:util';
import { DUMP_JSON_PATH, DUMP_PATH } from '../dump/routes.js';
import { askSocket, UnreadableSocket } from './ask-socket.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';
import { findSocket, readPid } from './find-socket.js';

const HELP = `Usage: loopsight dump <pid> [options]
       loopsight dump --socket <path> [options]

Shows what every thread of a process does right now, with its stack: running JavaScript, in a
native call, waiting in Atomics.wait, idle. It works while the process is blocked.
The process must run with loopsight/register, on this machine and as the same user.

Options:
  --socket <path>  the socket of the process, where it is not in the usual folder
  --json           the dump as JSON
  -h, --help       this text

Exit code: 0 shown, 2 wrong usage, 3 could not be read.

Examples:
  loopsight dump 4711
  loopsight dump 4711 --json
`;

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      socket: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    streams.out(HELP);
    return EXIT_CODES.ok;
  }
  const given = [...positionals, ...(values.socket === undefined ? [] : [values.socket])];
  if (given.length !== 1)
    throw new UsageError(`Expected the id of one process or --socket, got ${given.length} of them`);
  if (process.platform === 'win32') {
    streams.error('loopsight dump does not work on Windows: Node has no sockets there that only one user can open.\n');
    return EXIT_CODES.unreadable;
  }
  try {
    const path = values.socket ?? findSocket(readPid(positionals[0] ?? ''));
    const text = await askSocket(path, values.json ? DUMP_JSON_PATH : DUMP_PATH);
    // A process can name its functions anything.
    streams.out(text.replace(/[^\n\P{Cc}]/gu, ' '));
    return EXIT_CODES.ok;
  } catch (error) {
    if (!(error instanceof UnreadableSocket)) throw error;
    streams.error(`${error.message}\n`);
    return EXIT_CODES.unreadable;
  }
}
