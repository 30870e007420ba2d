// `loopsight dump`: the stacks of all threads of an instrumented process, also while its loops are blocked.
import { existsSync, lstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DUMP_JSON_PATH, DUMP_PATH } from '../dump/routes.js';
import { folderFlaw, socketFolders, socketPath } from '../dump/socket-place.js';
import { printable } from '../status/wording.js';
import { askSocket, UnreadableSocket } from './ask-socket.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';

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

function readPid(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new UsageError(`Expected the id of a process, got "${printable(text)}"`);
  return Number(text);
}

function findSocket(pid: number): string {
  const uid = ownerOf(pid);
  for (const folder of socketFolders(process.env, uid)) {
    const path = socketPath(folder, pid);
    if (!existsSync(path)) continue;
    const flaw = folderFlaw(folder, uid);
    if (flaw === undefined) return path;
    throw new UnreadableSocket(`${printable(folder, 200)} ${flaw}, so what is in it cannot be trusted.`);
  }
  throw new UnreadableSocket(
    `Process ${pid} has no socket here. It must run with loopsight/register, as the same user and with the same TMPDIR and XDG_RUNTIME_DIR, and without LOOPSIGHT_SOCKET=off.`,
  );
}

// Root may ask the processes of others; where there is no /proc, whose process it is will show.
function ownerOf(pid: number): number {
  const own = process.getuid?.() ?? 0;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') throw new UnreadableSocket(`There is no process ${pid}.`);
  }
  try {
    return lstatSync(`/proc/${pid}`).uid;
  } catch {
    return own;
  }
}
