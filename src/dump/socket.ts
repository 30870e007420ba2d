// Dumps, tasks and the inspector on demand: a socket of the observer that only the same user can open. What is read at a path
// can be read by `curl --unix-socket` as well.
import { chmodSync, readdirSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { closeServer, createRouteServer, listen, type Reply, type Routes } from '../prometheus/routes.js';
import { type RelaysOptions, startRelays } from '../relay/relays.js';
import type { TaskReader } from '../tasks/collect.js';
import { renderTasks } from '../tasks/render.js';
import { LOOPS_PATH, type ServedLoops } from '../top/served-loops.js';
import type { Dumper } from './collect.js';
import { isAlive } from './is-alive.js';
import { renderDump } from './render.js';
import {
  DUMP_JSON_PATH,
  DUMP_PATH,
  TASKS_JSON_PATH,
  TASKS_PATH,
  TASKS_WHERE_JSON_PATH,
  TASKS_WHERE_PATH,
  VERSION_PATH,
} from './routes.js';
import { claimFolder, socketPath } from './socket-place.js';

/** Left-over sockets that one start looks at. */
const SWEEP_LIMIT = 64;

export interface DumpSocketOptions {
  /** Folders to try, the best first; with none there is no socket. */
  readonly folders: readonly string[];
  readonly pid: number;
  readonly uid: number;
  readonly dump: Dumper;
  /** Takes the tasks; undefined where there are none to be shown. */
  readonly tasks?: TaskReader | undefined;
  /** Tells how the loops are, for `loopsight top`. */
  readonly loops?: (() => Promise<ServedLoops>) | undefined;
  /** What the inspector is relayed with; undefined where it may not be used. */
  readonly relay?: Omit<RelaysOptions, 'onError'> | undefined;
  /** Told why there is no socket. */
  readonly onObstacle: (reason: string) => void;
  /** Told of a dump that failed. */
  readonly onError: (error: unknown) => void;
}

/** Opens the socket; resolves to its undo, or undefined when there can be none. Never rejects. */
export async function openDumpSocket(options: DumpSocketOptions): Promise<(() => Promise<void>) | undefined> {
  const { folders, pid, uid, dump, tasks, loops, relay, onObstacle, onError } = options;
  const server = createRouteServer({
    unref: false,
    notFound: `Not found; there are ${DUMP_PATH}, ${DUMP_JSON_PATH}, ${TASKS_PATH} and ${TASKS_JSON_PATH}\n`,
    onError,
    routes: {
      [DUMP_PATH]: async () => ({ status: 200, body: renderDump(await dump()) }),
      [DUMP_JSON_PATH]: async () => json(await dump()),
      [VERSION_PATH]: () => json({ Browser: `node.js/${process.version}`, 'Protocol-Version': '1.1' }),
      ...(tasks === undefined ? {} : taskRoutes(tasks)),
      ...(loops === undefined ? {} : { [LOOPS_PATH]: async () => json(await loops()) }),
    },
  });
  const endRelays = startRelays(server, relay === undefined ? undefined : { ...relay, onError });
  let reason: string | undefined;
  for (const folder of folders) {
    try {
      claimFolder(folder, uid);
      const path = socketPath(folder, pid);
      // Nobody else has our id: what is left there is that of a process that had it before.
      if (await isLeftOver(path)) unlinkSync(path);
      await listen(server, { path });
      server.on('error', onError);
      await tidy(folder, path).catch(onError);
      return () => {
        endRelays();
        return closeServer(server);
      };
    } catch (error) {
      reason ??= error instanceof Error ? error.message : String(error);
    }
  }
  if (reason !== undefined) onObstacle(reason);
  return undefined;
}

function taskRoutes(tasks: TaskReader): Routes {
  return {
    [TASKS_PATH]: async () => ({ status: 200, body: renderTasks(await tasks()) }),
    [TASKS_JSON_PATH]: async () => json(await tasks()),
    [TASKS_WHERE_PATH]: async () => ({ status: 200, body: renderTasks(await tasks(true)) }),
    [TASKS_WHERE_JSON_PATH]: async () => json(await tasks(true)),
  };
}

function json(body: unknown): Reply {
  return { status: 200, body: `${JSON.stringify(body)}\n`, type: 'application/json; charset=utf-8' };
}

// The folder is closed already. Processes that were killed leave their sockets behind.
async function tidy(folder: string, own: string): Promise<void> {
  chmodSync(own, 0o600);
  const names = readdirSync(folder).filter((name) => /^\d+\.sock$/.test(name));
  for (const name of names.slice(0, SWEEP_LIMIT)) {
    const path = join(folder, name);
    // Containers may share the folder and not the ids, so a process that is not seen here may live.
    if (!isAlive(Number.parseInt(name, 10)) && (await isLeftOver(path))) remove(path);
  }
}

function isLeftOver(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (isOne: boolean) => {
      socket.destroy();
      resolve(isOne);
    };
    socket.once('connect', () => settle(false));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code === 'ECONNREFUSED'));
  });
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another process swept as well.
  }
}
