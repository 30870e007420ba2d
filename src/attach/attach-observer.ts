// Through the socket of a process that runs with Loopsight: its observer relays to the inspector, without a port.
import { existsSync } from 'node:fs';
import type { CdpConnection } from '../cdp/connection.js';
import { connectWebSocket, HandshakeError } from '../cdp/web-socket.js';
import { relayThreads } from '../cdp/worker-threads.js';
import { folderFlaw, socketFolders, socketPath } from '../dump/socket-place.js';
import { askVersion } from './ask-json.js';
import type { AttachOptions } from './attach.js';
import { CannotAttach, type Inspected } from './inspected.js';
import { ownerOf, readFacts } from './process-facts.js';
import { programTitle } from './title.js';

/** Where the observer relays. */
const INSPECT_PATH = '/inspect';
const BUSY = 503;

/** Reaches the process through its socket; undefined where it has none that answers, or one without this. */
export async function attachObserver(pid: number, { signal }: AttachOptions): Promise<Inspected | undefined> {
  const socket = socketOf(pid);
  if (socket === undefined) return undefined;
  let main: CdpConnection;
  try {
    main = await connectWebSocket({ socketPath: socket, path: INSPECT_PATH }, signal);
  } catch (error) {
    if (error instanceof HandshakeError && error.status === BUSY) {
      throw new CannotAttach(`Process ${pid} is looked into by others already, as often as its observer allows.`);
    }
    signal?.throwIfAborted();
    return undefined;
  }
  const relay = relayThreads(main);
  const facts = readFacts(pid);
  return {
    pid,
    way: 'observer',
    nodeVersion: await askVersion({ socketPath: socket }),
    title: programTitle(facts, pid),
    mayEvaluate: false,
    threads: relay.threads,
    ended: main.closed,
    async detach() {
      await relay.stop();
      main.close();
    },
  };
}

// Of several folders only those count that nobody else can have written to.
function socketOf(pid: number): string | undefined {
  const uid = ownerOf(pid) ?? process.getuid?.();
  if (uid === undefined) return undefined;
  const folder = socketFolders(process.env, uid).find((each) => existsSync(socketPath(each, pid)));
  return folder === undefined || folderFlaw(folder, uid) !== undefined ? undefined : socketPath(folder, pid);
}
