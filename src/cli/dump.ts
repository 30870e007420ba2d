// `loopsight dump`: the stacks of all threads of a process, also while its loops are blocked, and also of a process that never
// heard of Loopsight.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Inspected } from '../attach/inspected.js';
import { ownerOf } from '../attach/process-facts.js';
import { systemClock } from '../clock.js';
import type { Dump } from '../dump/dump.js';
import { DUMP_JSON_PATH, DUMP_PATH } from '../dump/routes.js';
import { socketFolders, socketPath } from '../dump/socket-place.js';
import { askSocket, UnreadableSocket } from './ask-socket.js';
import { type CommandStreams, EXIT_CODES, UsageError } from './command.js';
import { findSocket, readPid } from './find-socket.js';
import { readDuration } from './option-readers.js';

const HELP = `Usage: loopsight dump <pid> [options]
       loopsight dump --socket <path> [options]

Shows what every thread of a Node.js process does right now, with its stack: running JavaScript,
in a native call, waiting in Atomics.wait, idle. The process need not know of Loopsight: its
inspector is opened for a moment (SIGUSR1) and closed again. One that runs with
loopsight/register is asked through its socket, without the inspector, and answers while it is
blocked. It must be on this machine, or in this container, and of the same user.

Options:
  --locals           the variables of each call, too; threads are paused for it, one by one,
                     for 50 to 170 ms in a large program. They can hold secrets
  --wait <duration>  how long to wait for a main thread in a native call, from 1s to 1h
                     (default 2s); what the system tells of it is shown otherwise
  --socket <path>    the socket of the process, where it is not in the usual folder
  --json             the dump as JSON
  -h, --help         this text

Exit code: 0 shown, 2 wrong usage or a process that cannot be looked into, 3 could not be read,
130 Ctrl-C.

Examples:
  loopsight dump 4711
  loopsight dump 4711 --locals
  loopsight dump 4711 --wait 1m --json
`;

const WAIT_S = { least: 1, most: 3600, usual: 2 } as const;
/** How long a worker may take to answer when the main thread has. */
const THREAD_MS = 1000;

interface Wishes {
  readonly withLocals: boolean;
  readonly json: boolean;
  readonly waitMs: number;
}

/** Runs the command; resolves to the exit code. Rejects for wrong arguments. */
export async function run(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      locals: { type: 'boolean', default: false },
      wait: { type: 'string' },
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
  if (given !== 1) throw new UsageError(`Expected the id of one process or --socket, got ${given} of them`);
  if (values.socket !== undefined && values.locals) throw new UsageError('--locals needs the id of the process');
  const waitS = readDuration('--wait', values.wait, WAIT_S.least, WAIT_S.most) ?? WAIT_S.usual;
  const wishes = { withLocals: values.locals, json: values.json, waitMs: waitS * 1000 };
  const pid = values.socket === undefined ? readPid(positionals[0] ?? '') : undefined;
  if (process.platform === 'win32') {
    streams.error('loopsight dump does not work on Windows: Node has no sockets there that only one user can open.\n');
    return EXIT_CODES.unreadable;
  }
  try {
    if (pid === undefined) return await showSocket(values.socket ?? '', wishes, streams);
    return hasSocket(pid) ? await showObserved(pid, wishes, streams) : await showAttached(pid, wishes, streams);
  } catch (error) {
    if (!(error instanceof UnreadableSocket)) throw error;
    streams.error(`${error.message}\n`);
    return EXIT_CODES.unreadable;
  }
}

function hasSocket(pid: number): boolean {
  const uid = ownerOf(pid) ?? process.getuid?.();
  return socketFolders(process.env, uid).some((folder) => existsSync(socketPath(folder, pid)));
}

async function showObserved(pid: number, wishes: Wishes, streams: CommandStreams): Promise<number> {
  const socket = findSocket(pid);
  try {
    if (!wishes.withLocals) return await showSocket(socket, wishes, streams);
    const observed = JSON.parse(await askSocket(socket, DUMP_JSON_PATH)) as Dump;
    return await showAttached(pid, wishes, streams, observed);
  } catch (error) {
    // A socket that nobody listens at is that of an earlier process, or of one that has no observer any more.
    const isLeftOver = error instanceof UnreadableSocket && error.status === undefined && !error.isSilent;
    if (!isLeftOver) throw error;
    return showAttached(pid, wishes, streams);
  }
}

async function showSocket(path: string, { json }: Wishes, streams: CommandStreams): Promise<number> {
  show(await askSocket(path, json ? DUMP_JSON_PATH : DUMP_PATH), streams);
  return EXIT_CODES.ok;
}

async function showAttached(
  pid: number,
  { withLocals, json, waitMs }: Wishes,
  streams: CommandStreams,
  observed?: Dump,
): Promise<number> {
  const [{ withAttached }, { collectAttached }, { addLocals }, { dumpBlocked }, { renderDump }, { placeOptionsOf }] =
    await Promise.all([
      import('./attached.js'),
      import('../dump/attached/collect.js'),
      import('../dump/attached/add-locals.js'),
      import('../dump/attached/blocked.js'),
      import('../dump/render.js'),
      import('../dump/attached/place-options.js'),
    ]);
  const options = { ...placeOptionsOf(pid), clock: systemClock, waitMs: THREAD_MS, withLocals };
  const print = (dump: Dump) => {
    show(json ? `${JSON.stringify(dump)}\n` : renderDump(dump), streams);
    return EXIT_CODES.ok;
  };
  const collect = (inspected: Inspected) =>
    observed !== undefined && inspected.way === 'observer'
      ? addLocals(observed, inspected, options)
      : collectAttached(inspected, options);
  return withAttached(pid, streams, async (inspected) => print(await collect(inspected)), {
    patienceMs: waitMs,
    onUnanswered: async () => print(await dumpBlocked(pid, options)),
  });
}

function show(text: string, { out }: CommandStreams): void {
  // A process can name its functions anything.
  out(text.replace(/[^\n\P{Cc}]/gu, ' '));
}
